import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';

const launcher = join(import.meta.dirname, '..', '..', 'cluster', 'bin', 'skiff.js');
const missing = spawnSync('bash', ['-c', 'type compgen']).status === 0 ? false : 'bash is not on the PATH';

/** What is typed, and some of what bash then offers. */
const typed: Readonly<Record<string, readonly string[]>> = {
  'skiff rollo': ['rollout'],
  'skiff get endpointsl': ['endpointslices'],
  'skiff describe service kub': ['kubernetes'],
  'skiff why service/kub': ['service/kubernetes'],
  'skiff logs nobody': [],
};

describe('the completion of shells', { skip: missing }, () => {
  let cluster: ClusterUnderTest;
  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0', '--no-merge-kubeconfig');
    const program = `exec ${process.execPath} ${launcher} kubectl --kubeconfig ${cluster.kubeconfig} "$@"`;
    writeFileSync(join(cluster.dataDir, 'skiff'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  for (const [line, offered] of Object.entries(typed)) {
    it(`of bash: ${line}`, async () => {
      const words = line.split(' ');
      const script = [
        `PATH=${cluster.dataDir}:$PATH`,
        'source <(skiff completion bash)',
        `COMP_WORDS=(${words.join(' ')}) COMP_CWORD=${words.length - 1}`,
        '_skiff',
        `printf "%s\\n" "\${COMPREPLY[@]}"`,
      ];
      const { stdout, stderr } = await cluster.run('bash', ['-c', script.join('\n')]);
      assert.equal(stderr, '');
      assert.deepEqual(stdout.split('\n').filter(Boolean), offered);
    });
  }
});
