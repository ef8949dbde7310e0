import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ClusterUnderTest, type Outcome } from '../e2e/cluster-under-test.ts';
import { runOurs } from './both-kubectls.ts';

const launcher = join(import.meta.dirname, '..', '..', 'cluster', 'bin', 'skiff.js');
/** Of util-linux: gives a program a terminal of its own. */
const missing = spawnSync('script', ['--version']).status === 0 ? false : 'script (util-linux) is not on the PATH';

const manifest = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {terminationGracePeriodSeconds: 0, containers: [{name: c, image: my-app-image}]}
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: busybox, stdin: true, command: [sh, -c, 'while read line; do echo "read $line"; done']}]
`;
/** What begins each change of colour. */
const colour = '\x1b[';

describe('the tiny kubectl at a terminal', { skip: missing }, () => {
  let cluster: ClusterUnderTest;
  /** Runs `skiff kubectl ...` at a terminal of 90 columns; what it wrote is what was seen there. */
  const atTerminal = (args: string, env: Record<string, string> = {}): Promise<Outcome> => {
    const line = `stty cols 90 rows 30; exec ${process.execPath} ${launcher} kubectl --kubeconfig ${cluster.kubeconfig} ${args}`;
    return cluster.run('script', ['-qec', line, '/dev/null'], { TERM: 'xterm', ...env });
  };
  const run = (args: readonly string[], stdin?: string) =>
    runOurs(['--kubeconfig', cluster.kubeconfig, ...args], stdin === undefined ? {} : { stdin });

  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '1', '--no-merge-kubeconfig');
    assert.equal((await run(['apply', '-f', '-'], manifest)).code, 0);
    const waited = await run(['wait', 'pod/web', 'pod/reader', '--for=condition=Ready', '--timeout=60s']);
    assert.equal(waited.code, 0, waited.stderr);
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  it('gives a command in a Pod a terminal of the same size, and ends as it does', async () => {
    // The size is told a moment after the start.
    const settled = 'for i in $(seq 100); do test "$(stty size)" = "30 90" && break; sleep 0.1; done';
    const shell = `test -t 0 && test -t 1 && { ${settled}; stty size; }; exit 3`;
    const { code, stdout } = await atTerminal(`exec -it web -- sh -c '${shell}'`);
    assert.match(stdout, /^30 90\r$/m);
    assert.match(stdout, /command terminated with exit code 3/);
    assert.equal(code, 3);
  });

  it('says so where it is asked for a terminal and has none', async () => {
    const { stdout, stderr } = await run(['exec', '-it', 'web', '--', 'echo', 'all the same'], '');
    assert.equal(stdout, 'all the same\n');
    assert.equal(stderr, 'Unable to use a TTY - input is not a terminal or the right kind of file\n');
  });

  it('joins the program of a container', async () => {
    const end = new AbortController();
    const told = await runOurs(['--kubeconfig', cluster.kubeconfig, 'attach', '-i', '-q', 'reader'], {
      stdin: 'one\n',
      signal: end.signal,
      onOutput: (stdout) => {
        if (stdout.includes('read one\n')) end.abort();
      },
    });
    assert.equal(told.stdout, 'read one\n');
  });

  it('paints only at a terminal, and not where NO_COLOR is set', async () => {
    assert.ok((await atTerminal('why service/nope')).stdout.includes(colour));
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { stdout } = await atTerminal('why service/nope', env);
      assert.match(stdout, /BROKEN/);
      assert.ok(!stdout.includes(colour), stdout);
    }
    const piped = await cluster.run(process.execPath, [
      launcher,
      'kubectl',
      '--kubeconfig',
      cluster.kubeconfig,
      'why',
      'service/nope',
    ]);
    assert.match(piped.stdout, /BROKEN/);
    assert.ok(!piped.stdout.includes(colour), piped.stdout);
  });
});
