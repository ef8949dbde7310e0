import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { eventually } from './contract.ts';
import { type OpenRuntime, PodsUnderTest, programLayer } from './pods-under-test.ts';
import { commandLines } from './processes.ts';

/** How the containers of a runtime with processes can be talked to: tests beyond the contract. */
export function testInteraction(name: string, open: OpenRuntime, stateDir = `/run/interaction-${name}`): void {
  describe(`${name}: talking to a container`, () => {
    const pods = new PodsUnderTest(stateDir, open);
    // No other's, as where there are no namespaces all processes of the machine are seen.
    const sleep = `sleep 6543.${Date.now()}`;

    test('a terminal with exec, which can be resized', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sleep', '1000']);
      const script =
        'test -t 0 && test -t 1 && echo terminal; while [ "$(stty size)" != "33 77" ]; do sleep 0.02; done; echo resized; exit 6';
      const session = await pods.runtime.exec(container, { command: ['sh', '-c', script], tty: true, stdin: true });
      assert.equal(session.stderr, undefined);
      const timer = setInterval(() => session.resize({ columns: 77, rows: 33 }), 50);
      const output = await text(session.stdout);
      clearInterval(timer);
      assert.match(output, /terminal\r\nresized/);
      assert.equal(await session.exitCode, 6);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('a terminal at which a shell has job control, and ends as it is told', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sleep', '1000']);
      const session = await pods.runtime.exec(container, { command: ['sh', '-i'], tty: true, stdin: true });
      session.stdin?.write(`tty\nsleep 5432 & jobs\nkill %1\n${sleep}\n`);
      await eventually(commandLines, (lines) => lines.includes(sleep));
      session.stdin?.write('\x03');
      await eventually(commandLines, (lines) => !lines.includes(sleep));
      session.stdin?.write('exit 7\n');
      const said = await text(session.stdout);
      assert.match(said, /\/dev\/pts\/\d+\r\n/);
      assert.match(said, /\[1\] \+ Running +sleep 5432\r\n/);
      assert.doesNotMatch(said, /process group|job control/);
      assert.equal(await session.exitCode, 7);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('a terminal of its own where the container asks for one', async () => {
      assert.equal(await pods.run('test -t 0 && test -t 1 && echo terminal', { tty: true }), 'terminal\r\n');
    });

    test('a terminal to attach to whose shell ends as it is told', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sh', '-i'], { stdin: true, tty: true });
      const session = await pods.runtime.attach(container, { stdin: true });
      await seen(session.stdout, '# ');
      session.stdin?.write('sleep 6543\n');
      await eventually(commandLines, (lines) => lines.includes('sleep 6543'));
      session.stdin?.write('\x03');
      await eventually(commandLines, (lines) => !lines.includes('sleep 6543'));
      session.stdin?.write('exit 9\n');
      assert.equal((await pods.exited(container))?.exitCode, 9);
      assert.doesNotMatch(await pods.log(), /process group|job control/);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('all that is said at a terminal, however soon the program ends', async () => {
      const said = Array.from({ length: 300 }, (_, index) => `${index + 1}\r\n`).join('');
      const script = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i; done';
      await pods.runtime.runPodSandbox(pods.sandbox());
      const layers = [programLayer(join(pods.folder, 'shell'), '/bin/sh', '/bin/sleep', '/bin/echo')];
      const image = { type: 'layers', id: 'sha256:1', layers } as const;
      const container = await pods.create(['sh', '-c', script], { tty: true, ...(name === 'crun' && { image }) });
      if (name === 'crun') delayCrun(join(pods.stateDir, 'sandboxes', pods.id, 'containers', 'main.0', 'config.json'));
      await pods.runtime.startContainer(container);
      await pods.exited(container);
      assert.equal(await pods.log(), said);
      const other = await pods.start(['sleep', '1000'], { name: 'other', ...(name === 'crun' && { image }) });
      for (let i = 0; i < 20; i += 1) {
        const session = await pods.runtime.exec(other, { command: ['echo', 'hello'], tty: true });
        assert.equal(await text(session.stdout), 'hello\r\n');
      }
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('a terminal to attach to, which shows the prompt and can be resized, by one after the other', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const script = 'printf "name? "; read -r name; echo "hello $name"; printf "size? "; read -r _; stty size; exit 3';
      const container = await pods.start(['sh', '-c', script], { stdin: true, tty: true });
      const first = await pods.runtime.attach(container, { stdin: true });
      await seen(first.stdout, 'name? ');
      first.stdin?.write('me\n');
      await seen(first.stdout, 'hello me\r\n');
      const second = await pods.runtime.attach(container, { stdin: true });
      await seen(second.stdout, 'size? ');
      second.resize({ columns: 99, rows: 33 });
      // The size is set by another process, so the answer may have to wait for it.
      const { pid } = (await pods.runtime.containerStatus(container)) ?? {};
      const size = (): string => execFileSync('stty', ['-F', `/proc/${pid}/fd/0`, 'size'], { encoding: 'utf8' });
      await eventually(size, (found) => found === '33 99\n');
      second.stdin?.write('\n');
      await seen(second.stdout, '33 99');
      assert.equal((await pods.exited(container))?.exitCode, 3);
      assert.match(await pods.log(), /^name\? me\r\nhello me\r\nsize\? \r\n33 99\r\n$/);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('an input that ends with the first who attached, where it is to be read once', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sh', '-c', 'cat; echo over; echo end >&2'], {
        stdin: true,
        stdinOnce: true,
      });
      const session = await pods.runtime.attach(container, { stdin: true });
      const errors = text(session.stderr ?? session.stdout);
      session.stdin?.end('some words\n');
      assert.equal(await text(session.stdout), 'some words\nover\n');
      assert.equal(await errors, 'end\n');
      assert.equal((await pods.exited(container))?.exitCode, 0);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('an input that many can write to, one after the other, also to a new node agent', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sh', '-c', 'read -r one; read -r two; echo "$one $two"'], { stdin: true });
      for (const word of ['one', 'two']) {
        const session = await pods.runtime.attach(container, { stdin: true });
        session.stdin?.end(`${word}\n`);
        if (word === 'two') assert.equal(await text(session.stdout), 'one two\n');
        await pods.reopen();
      }
      assert.equal((await pods.exited(container))?.exitCode, 0);
      assert.equal(await pods.log(), 'one two\n');
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('an exec that is given up is ended', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const container = await pods.start(['sleep', '1000']);
      const abort = new AbortController();
      const session = await pods.runtime.exec(container, { command: sleep.split(' '), signal: abort.signal });
      await eventually(commandLines, (lines) => lines.includes(sleep));
      abort.abort();
      assert.notEqual(await session.exitCode, 0);
      await eventually(commandLines, (lines) => !lines.includes(sleep));
      await pods.runtime.removePodSandbox(pods.id);
    });
  });
}

/** Keeps crun from reading the terminal until long after the program has started. */
function delayCrun(configFile: string): void {
  const hooks = { poststart: [{ path: '/bin/sleep', args: ['sleep', '0.3'] }] };
  // Written by crun-launcher.ts.
  const config = JSON.parse(readFileSync(configFile, 'utf8')) as object;
  writeFileSync(configFile, JSON.stringify({ ...config, hooks }));
}

/** Resolves when a stream has said these words; what it says after them is left to be read. */
async function seen(stream: NodeJS.ReadableStream, words: string): Promise<void> {
  let said = '';
  while (!said.includes(words)) {
    const chunk = stream.read();
    if (chunk === null) await once(stream, 'readable', { signal: AbortSignal.timeout(5000) });
    else said += String(chunk);
  }
}
