import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { eventually, hostPrograms, testContainerRuntime } from './contract.ts';
import { testInteraction } from './interaction.ts';
import { markedProcesses } from './marked-processes.ts';
import { openProcessesRuntime } from './plain-processes.ts';
import { type OpenRuntime, PodsUnderTest } from './pods-under-test.ts';
import { testWatching } from './watching.ts';

const folder = mkdtempSync(join(tmpdir(), 'skiff-plain-processes-'));
after(() => rmSync(folder, { recursive: true }));
const stateDir = join(folder, 'contract');
const open: OpenRuntime = async (options) => openProcessesRuntime(options);

testContainerRuntime('processes', {
  programs: hostPrograms,
  open: () => open({ stateDir }),
  reopen: async (old) => {
    await old.close();
    return open({ stateDir });
  },
});
testInteraction('processes', open, join(folder, 'interaction'));
testWatching('processes', open, {
  ...{ file: 'plain-processes.ts', opener: 'openProcessesRuntime', stateDir: join(folder, 'watching') },
});

describe('processes: what a container sees', () => {
  const pods = new PodsUnderTest(join(folder, 'pods'), open);

  test('its environment and nothing of the agent, in a folder of its own', async () => {
    process.env['SECRET_OF_THE_AGENT'] = 'x';
    const output = await pods.run('env | sort; pwd', { env: { WORDS: `it's "$HOME"` } });
    const root = join(folder, 'pods/sandboxes', pods.id, 'containers/main.0/root');
    const names = output
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    assert.deepEqual(names, [
      ...['HOME', 'HOSTNAME', 'NODE_OPTIONS', 'PATH', 'PWD', 'SKIFF_CONTAINER', 'SKIFF_ROOT', 'WORDS', root],
    ]);
    assert.ok(output.includes(`\nWORDS=it's "$HOME"\n`) && output.startsWith(`HOME=${root}\n`), output);
  });

  test('mounts at links below SKIFF_ROOT, and by their paths in arguments and variables', async () => {
    const volume = join(pods.folder, 'a volume');
    mkdirSync(volume);
    writeFileSync(join(volume, 'file'), 'words\n');
    const mounts = [{ source: volume, target: '/data/' }];
    const script = 'cat "$SKIFF_ROOT/data/file" "$0" "$FILE" data/file; echo "$OTHER"; pwd';
    await pods.runtime.runPodSandbox(pods.sandbox());
    const env = { FILE: '/data/file', OTHER: '/database' };
    await pods.exited(await pods.start(['sh', '-c', script, '/data/file'], { mounts, env }));
    assert.match(await pods.log(), /^words\nwords\nwords\nwords\n\/database\n\/\S*\/root\n$/);
    const elsewhere = await pods.start(['sh', '-c', 'ls; sleep 1000'], { mounts, workingDir: '/data', name: 'other' });
    const session = await pods.runtime.exec(elsewhere, { command: ['cat', '/data/file', 'file'] });
    assert.equal(await text(session.stdout), 'words\nwords\n');
    await pods.runtime.removePodSandbox(pods.id);
    assert.deepEqual(readdirSync(volume), ['file']);
  });

  test('mounts by their paths in scripts too', async () => {
    const volume = join(pods.folder, 'volume');
    mkdirSync(volume);
    writeFileSync(join(volume, 'file'), 'words\n');
    const mounts = [{ source: volume, target: '/data' }];
    const script = `
      cat /data/file "/data/file"; cat </data/file; name=file; cat /data/$name; cat '/data'/file; (cd /data; ls)
      echo more >/data/other && [ -e /data/other ] && echo /database x/data "$LIST"`;
    await pods.runtime.runPodSandbox(pods.sandbox());
    const env = { LIST: '/usr:/data:/data/bin' };
    await pods.exited(await pods.start(['sh', '-c', script], { mounts, env }));
    const list = `/usr:${volume}:${volume}/bin`;
    assert.equal(await pods.log(), `${'words\n'.repeat(5)}file\n/database x/data ${list}\n`);
    await pods.runtime.removePodSandbox(pods.id);
  });

  test('no user but its own, no image with layers, and no mount of what is not there', async () => {
    await pods.runtime.runPodSandbox(pods.sandbox());
    const uid = (process.getuid?.() ?? 0) + 1;
    await assert.rejects(pods.start(['true'], { user: { uid, gid: uid } }), /runAsUser \d+ can't be had/);
    const image = { type: 'layers', id: 'sha256:1', layers: [] } as const;
    await assert.rejects(pods.start(['true'], { image }), /need namespaces/);
    const mounts = [{ source: '/no/such/folder', target: '/data' }];
    await assert.rejects(pods.start(['true'], { mounts }), /\/no\/such\/folder/);
    await pods.runtime.removePodSandbox(pods.id);
  });

  test('none of its processes outlives it, not even those that left its session or cleared their environment', async () => {
    await pods.runtime.runPodSandbox(pods.sandbox());
    const script = `setsid sh -c 'echo >a; exec sleep 1234' & (env -i sh -c 'echo >b; exec sleep 1234'; :) &
      until [ -s a ] && [ -s b ]; do sleep 0.01; done; exit 3`;
    const container = await pods.start(['sh', '-c', script]);
    assert.equal((await pods.exited(container))?.exitCode, 3);
    assert.deepEqual(markedProcesses({ SKIFF_CONTAINER: container }), []);
    const another = await pods.start(['sh', '-c', 'setsid sleep 1234 & sleep 1000'], { attempt: 1 });
    const session = await pods.runtime.exec(another, { command: ['sleep', '1234'] });
    await eventually(
      () => markedProcesses({ SKIFF_CONTAINER: another }).length,
      (count) => count === 4,
    );
    await pods.runtime.stopContainer(another, { graceMs: 0 });
    assert.equal(await session.exitCode, 137);
    await pods.runtime.removePodSandbox(pods.id);
  });

  test('what is left when its shim was killed ends with the Pod', async () => {
    await pods.runtime.runPodSandbox(pods.sandbox());
    const container = await pods.start(['sh', '-c', 'setsid sleep 1234 & sleep 1000']);
    const shim = JSON.parse(
      readFileSync(join(pods.stateDir, 'sandboxes', pods.id, 'containers/main.0/shim.json'), 'utf8'),
    );
    process.kill(shim.pid, 'SIGKILL');
    process.kill((await pods.runtime.containerStatus(container))?.pid ?? 0, 'SIGKILL');
    await pods.exited(container);
    await pods.runtime.removePodSandbox(pods.id);
    assert.deepEqual(markedProcesses({ SKIFF_CONTAINER: container }), []);
  });
});
