import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventually } from './contract.ts';
import { type OpenRuntime, PodsUnderTest } from './pods-under-test.ts';
import { processes } from './processes.ts';

/** Where a runtime is opened, for a node agent that is a program of its own. */
export interface RuntimeModule {
  /** Beside this one. */
  readonly file: string;
  /** The name of its function. */
  readonly opener: string;
  readonly stateDir: string;
}

/** How a runtime with processes watches over its containers, and what it keeps of them: tests beyond the contract. */
export function testWatching(name: string, open: OpenRuntime, { file, opener, stateDir }: RuntimeModule): void {
  describe(`${name}: what is kept of a container`, () => {
    const pods = new PodsUnderTest(stateDir, open);

    test('signals as programs expect them: none ignored, none blocked', async () => {
      assert.match(await pods.run('grep -E "Sig(Blk|Ign)" /proc/self/status'), /^SigBlk:\s+0{16}\nSigIgn:\s+0{16}\n$/);
    });

    test('all its output, whatever it looks like', async () => {
      const output = await pods.run('echo " a  b "; echo "back\\\\slash"; echo; echo err >&2; printf end');
      assert.equal(output.replace('stderr F: err\n', ''), ' a  b \nback\\slash\n\nstdout P: end\n');
      pods.next();
      const many = await pods.run('seq 1 20000');
      assert.equal(many, Array.from({ length: 20000 }, (_, index) => `${index + 1}\n`).join(''));
    });

    test('a log that can be rotated by renaming it', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const path = join(pods.folder, `${pods.id}-main.log`);
      const container = await pods.start(['sh', '-c', 'trap "echo two; exit" TERM; echo one; sleep 1000 & wait']);
      await eventually(
        () => pods.log(),
        (written) => written === 'one\n',
      );
      renameSync(path, `${path}.1`);
      await pods.runtime.stopContainer(container, { graceMs: 5000 });
      assert.equal(await pods.log(), 'two\n');
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('honest times: a line has that of its writing', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const earliest = Date.now();
      await pods.exited(await pods.start(['sh', '-c', 'echo a; sleep 0.3; echo b']));
      const times = (await readFile(join(pods.folder, `${pods.id}-main.log`), 'utf8'))
        .split('\n')
        .map((line) => Date.parse(line.split(' ')[0] ?? ''));
      const [a = 0, b = 0] = times;
      assert.ok(a >= earliest - 20 && b - a >= 280 && b <= Date.now() + 20, `${earliest} ${a} ${b} ${Date.now()}`);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('the container of a node agent that was killed goes on', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const logPath = join(pods.folder, `${pods.id}-main.log`);
      const args = ['sh', '-c', 'trap "echo over; exit 8" TERM; echo ready; sleep 1000 & wait'];
      const config = {
        name: 'main',
        attempt: 0,
        image: { type: 'host', id: 'host', programs: [] },
        args,
        env: {},
        mounts: [],
        logPath,
      };
      const agent = `
        import { ${opener} as open } from './${file}';
        const runtime = await open({ stateDir: ${JSON.stringify(pods.stateDir)} });
        await runtime.startContainer(await runtime.createContainer('${pods.id}', ${JSON.stringify(config)}));
        process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', agent], {
        cwd: import.meta.dirname,
        stdio: 'inherit',
      });
      const [, signal] = await once(child, 'exit');
      assert.equal(signal, 'SIGKILL');
      await eventually(
        () => pods.log(),
        (written) => written.includes('ready'),
      );
      assert.equal((await pods.runtime.containerStatus(`${pods.id}/main/0`))?.state, 'running');
      await pods.runtime.stopContainer(`${pods.id}/main/0`, { graceMs: 5000 });
      assert.equal((await pods.runtime.containerStatus(`${pods.id}/main/0`))?.exitCode, 8);
      assert.equal(await pods.log(), 'ready\nover\n');
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('a container whose shim is killed goes on, and its end is found though nobody saw it', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sleep', '1000']);
      const { pid } = (await pods.runtime.containerStatus(container)) ?? {};
      for (const shim of processes().filter(({ line }) => line.includes(`/${pods.id}/`) && line.includes('shim.sh'))) {
        process.kill(shim.pid, 'SIGKILL');
      }
      assert.equal((await pods.runtime.containerStatus(container))?.pid, pid);
      await pods.runtime.stopContainer(container, { graceMs: 0 });
      const status = await pods.exited(container);
      assert.equal(status?.exitCode, 137);
      assert.match(status?.message ?? '', /was killed/);
      await pods.runtime.removePodSandbox(pods.id);
    });
  });
}
