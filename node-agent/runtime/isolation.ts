import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { programOf } from '../images/image.ts';
import { ImageStore } from '../images/image-store.ts';
import { isMapped } from './container-user.ts';
import { eventually, sandbox } from './contract.ts';
import type { ContainerConfig, ContainerRuntime, ContainerStatus, PodSandboxConfig } from './runtime.ts';
import { StartError } from './runtime.ts';

/** What a container of a runtime with processes sees, and what it leaves behind: tests beyond the contract. */
export function testIsolation(name: string, open: (options: { stateDir: string }) => Promise<ContainerRuntime>): void {
  describe(`${name}: what a container sees`, () => {
    const stateDir = `/run/isolation-${name}`;
    let runtime: ContainerRuntime;
    let folder: string;
    let id = '';
    let count = 0;
    let mountsBefore: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'skiff-isolation-'));
      mountsBefore = readFileSync('/proc/self/mounts', 'utf8');
      runtime = await open({ stateDir });
    });
    beforeEach(() => {
      id = `pod-${count++}`;
    });
    after(async () => {
      await runtime.close();
      await rm(folder, { recursive: true });
    });

    const log = async (container = 'main'): Promise<string> =>
      (await readFile(join(folder, `${id}-${container}.log`), 'utf8').catch(() => '')).replaceAll(
        /^\S+ (\S+) (\S) /gm,
        (_line, stream, tag) => (stream === 'stdout' && tag === 'F' ? '' : `${stream} ${tag}: `),
      );
    const start = async (args: readonly string[], more: Partial<ContainerConfig> = {}): Promise<string> => {
      const image = { type: 'host', id: 'host', programs: [] } as const;
      const logPath = join(folder, `${id}-${more.name ?? 'main'}.log`);
      const config: ContainerConfig = { name: 'main', attempt: 0, image, args, env: {}, mounts: [], logPath, ...more };
      const container = await runtime.createContainer(id, config);
      await runtime.startContainer(container);
      return container;
    };
    const exited = (container: string): Promise<ContainerStatus | undefined> =>
      eventually(
        () => runtime.containerStatus(container),
        (status) => status?.state === 'exited',
      );
    const run = async (
      script: string,
      more: Partial<ContainerConfig> & { pod?: Partial<PodSandboxConfig> } = {},
    ): Promise<string> => {
      const { pod, ...config } = more;
      await runtime.runPodSandbox({ ...sandbox(id), ...pod });
      try {
        await exited(await start(['sh', '-c', script], config));
        return await log();
      } finally {
        await runtime.removePodSandbox(id);
      }
    };

    test('its hostname, its own processes, its environment and nothing of the agent', async () => {
      process.env['SECRET_OF_THE_AGENT'] = 'x';
      const output = await run('hostname; echo $$; unset PWD; env | sort; echo /proc/[0-9]*', {
        pod: { hostname: 'web-0' },
        env: { PATH: '/usr/bin:/bin', QUOTES: `it's "$HOME" \\n`, TWO_LINES: 'a\nb' },
      });
      const [host, pid, ...rest] = output.split('\n');
      assert.deepEqual([host, pid], ['web-0', '1']);
      const environment = rest.filter((line) => !line.startsWith('/proc/'));
      assert.deepEqual(environment, [
        'HOME=/root',
        'PATH=/usr/bin:/bin',
        `QUOTES=it's "$HOME" \\n`,
        'TWO_LINES=a',
        'b',
        '',
      ]);
      assert.deepEqual(
        rest.filter((line) => line.startsWith('/proc/')),
        ['/proc/1'],
      );
    });

    test("the host's programs read-only, and room of its own to write", async () => {
      const output = await run(
        'for file in /usr/x /tmp/x /etc/x /x /run/x; do touch $file 2>/dev/null && echo $file; done; : >/dev/null && ls /mnt; head -c3 /dev/zero | wc -c',
      );
      assert.equal(output, '/tmp/x\n/etc/x\n/x\n/run/x\n3\n');
    });

    test('nothing can be written with a read-only root, and no kernel setting ever', async () => {
      const script =
        'for file in /x /etc/x /proc/sys/kernel/ns_last_pid; do sh -c "echo 1 >$file" 2>/dev/null || echo refused; done';
      assert.equal(await run(script, { readOnlyRoot: true }), 'refused\nrefused\nrefused\n');
    });

    test('what is mounted: files over those of /etc, folders, read-only where asked', async () => {
      const files = join(folder, 'with space');
      mkdirSync(files);
      writeFileSync(join(files, 'resolv.conf'), 'nameserver 10.96.0.10\n');
      const output = await run(
        'cat /etc/resolv.conf; ls /data /data/ro; echo new >/data/new; echo x 2>/dev/null >/data/ro/y || echo refused',
        {
          mounts: [
            { source: join(files, 'resolv.conf'), target: '/etc/resolv.conf', readOnly: true },
            { source: files, target: '/data/ro', readOnly: true },
            { source: files, target: '/data' },
            { source: join(files, 'resolv.conf'), target: '/dev/termination-log' },
          ],
        },
      );
      assert.match(output, /^nameserver 10.96.0.10\n[\s\S]*refused\n$/);
      assert.equal(readFileSync(join(files, 'new'), 'utf8'), 'new\n');
    });

    test('few capabilities, fewer or more where asked, and no way to get others', async () => {
      const script = 'grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status';
      const of = (output: string): string => output.replaceAll(/\s+/g, ' ');
      const few = '00000000a00425fb';
      assert.equal(of(await run(script)), `CapEff: ${few} CapBnd: ${few} NoNewPrivs: 1 `);
      id = `pod-${count++}`;
      const asked = { drop: ['ALL'], add: ['NET_ADMIN'] };
      assert.match(
        of(await run(script, { capabilities: asked })),
        /^CapEff: 0000000000001000 CapBnd: 0000000000001000/,
      );
    });

    test('every capability of the namespace where it is privileged', async () => {
      assert.equal(await run('mkdir /m && mount -t tmpfs tmpfs /m && echo mounted', { privileged: true }), 'mounted\n');
      await runtime.runPodSandbox(sandbox(id));
      await assert.rejects(start(['true'], { capabilities: { add: ['NET_ADMNI'] } }), /no capability "NET_ADMNI"/);
      await runtime.removePodSandbox(id);
    });

    test('the layers of an image, upper over lower, or why it has to do without', async () => {
      const layers = [join(folder, 'lower'), join(folder, 'upper')];
      const [lower = '', upper = ''] = layers;
      for (const path of ['/bin/sh', ...libraries('/bin/sh')]) {
        mkdirSync(join(lower, dirname(path)), { recursive: true });
        copyFileSync(path, join(lower, path));
      }
      mkdirSync(upper);
      writeFileSync(join(lower, 'text'), 'lower\n');
      writeFileSync(join(upper, 'text'), 'upper\n');
      const image = { type: 'layers', id: 'sha256:1', layers } as const;
      const script = 'read -r line </text; echo $line; echo new >/text; read -r line </text; echo $line';
      if (name === 'crun') {
        assert.equal(await run(script, { image }), 'upper\nnew\n');
        assert.equal(readFileSync(join(upper, 'text'), 'utf8'), 'upper\n');
      } else await assert.rejects(run(script, { image }), /images with layers need crun/);
    });

    test('a user that the namespace has no id for is refused, not ignored', async (context) => {
      await runtime.runPodSandbox(sandbox(id));
      const user = { uid: 1000, gid: 1000 };
      if (isMapped(1000, readFileSync('/proc/self/uid_map', 'utf8'))) {
        await exited(await start(['id', '-u'], { user }));
        assert.equal(await log(), '1000\n');
        context.diagnostic('ids are mapped here: the container ran as the user');
      } else await assert.rejects(start(['true'], { user }), /runAsUser 1000 can't be had/);
      await runtime.removePodSandbox(id);
    });

    test('its working directory, made where it is missing and where it can be', async () => {
      assert.equal(await run('pwd', { workingDir: '/usr/lib' }), '/usr/lib\n');
      id = `pod-${count++}`;
      assert.equal(await run('pwd', { workingDir: '/new/folder' }), '/new/folder\n');
      await runtime.runPodSandbox(sandbox(id));
      await assert.rejects(start(['pwd'], { workingDir: '/usr/nowhere', name: 'other' }), (error) => {
        assert.ok(error instanceof StartError);
        assert.match(error.message, /nowhere/);
        return true;
      });
      await runtime.removePodSandbox(id);
    });

    test('mounts and images that are not to be had are said when the container is created', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const mounts = [{ source: '/no/such/folder', target: '/data' }];
      await assert.rejects(start(['true'], { mounts }), /\/no\/such\/folder/);
      assert.deepEqual(await runtime.listContainers(id), []);
      await runtime.removePodSandbox(id);
    });

    test('signals as programs expect them: none ignored, none blocked', async () => {
      assert.match(await run('grep -E "Sig(Blk|Ign)" /proc/self/status'), /^SigBlk:\s+0{16}\nSigIgn:\s+0{16}\n$/);
    });

    test('all its output, whatever it looks like', async () => {
      const output = await run('echo " a  b "; echo "back\\\\slash"; echo; echo err >&2; printf end');
      assert.equal(output.replace('stderr F: err\n', ''), ' a  b \nback\\slash\n\nstdout P: end\n');
      id = `pod-${count++}`;
      const many = await run('seq 1 20000');
      assert.equal(many, Array.from({ length: 20000 }, (_, index) => `${index + 1}\n`).join(''));
    });

    test('a log that can be rotated by renaming it', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const path = join(folder, `${id}-main.log`);
      const container = await start(['sh', '-c', 'trap "echo two; exit" TERM; echo one; sleep 1000 & wait']);
      await eventually(log, (written) => written === 'one\n');
      renameSync(path, `${path}.1`);
      await runtime.stopContainer(container, { graceMs: 5000 });
      assert.equal(await log(), 'two\n');
      await runtime.removePodSandbox(id);
    });

    test('honest times: a line has that of its writing', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const earliest = Date.now();
      await exited(await start(['sh', '-c', 'echo a; sleep 0.3; echo b']));
      const times = (await readFile(join(folder, `${id}-main.log`), 'utf8'))
        .split('\n')
        .map((line) => Date.parse(line.split(' ')[0] ?? ''));
      const [a = 0, b = 0] = times;
      assert.ok(a >= earliest - 20 && b - a >= 280 && b <= Date.now() + 20, `${earliest} ${a} ${b} ${Date.now()}`);
      await runtime.removePodSandbox(id);
    });

    test('each other, where the Pod shares its PID namespace, and no one outlives its container', async () => {
      await runtime.runPodSandbox({ ...sandbox(id), shareProcessNamespace: true });
      const other = await start(['sh', '-c', 'sleep 4321 & exit 3'], { name: 'other' });
      assert.equal((await exited(other))?.exitCode, 3);
      const one = await start(['sleep', '1234'], { name: 'one' });
      await eventually(commandLines, (lines) => lines.includes('sleep 1234'));
      const two = await start(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'], { name: 'two' });
      await exited(two);
      assert.match(await log('two'), /sleep 1234/);
      await runtime.stopContainer(one, { graceMs: 0 });
      await eventually(commandLines, (lines) => !lines.some((line) => /sleep (4321|1234)/.test(line)));
      await runtime.removePodSandbox(id);
    });

    test('a terminal with exec, which can be resized', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const container = await start(['sleep', '1000']);
      const script =
        'test -t 0 && test -t 1 && echo terminal; while [ "$(stty size)" != "33 77" ]; do sleep 0.02; done; echo resized; exit 6';
      const session = await runtime.exec(container, { command: ['sh', '-c', script], tty: true, stdin: true });
      assert.equal(session.stderr, undefined);
      const timer = setInterval(() => session.resize({ columns: 77, rows: 33 }), 50);
      const output = await text(session.stdout);
      clearInterval(timer);
      assert.match(output, /terminal\r\nresized/);
      assert.equal(await session.exitCode, 6);
      await runtime.removePodSandbox(id);
    });

    test('a terminal of its own where the container asks for one', async () => {
      assert.equal(await run('test -t 0 && test -t 1 && echo terminal', { tty: true }), 'terminal\r\n');
    });

    test('a terminal to attach to, which shows the prompt and can be resized, by one after the other', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const script = 'printf "name? "; read -r name; echo "hello $name"; printf "size? "; read -r _; stty size; exit 3';
      const container = await start(['sh', '-c', script], { stdin: true, tty: true });
      const first = await runtime.attach(container, { stdin: true });
      await seen(first.stdout, 'name? ');
      first.stdin?.write('me\n');
      await seen(first.stdout, 'hello me\r\n');
      const second = await runtime.attach(container, { stdin: true });
      await seen(second.stdout, 'size? ');
      second.resize({ columns: 99, rows: 33 });
      // The size is set by another process, so the answer may have to wait for it.
      const { pid } = (await runtime.containerStatus(container)) ?? {};
      const size = (): string => execFileSync('stty', ['-F', `/proc/${pid}/fd/0`, 'size'], { encoding: 'utf8' });
      await eventually(size, (found) => found === '33 99\n');
      second.stdin?.write('\n');
      await seen(second.stdout, '33 99');
      assert.equal((await exited(container))?.exitCode, 3);
      assert.match(await log(), /^name\? me\r\nhello me\r\nsize\? \r\n33 99\r\n$/);
      await runtime.removePodSandbox(id);
    });

    test('an input that ends with the first who attached, where it is to be read once', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const container = await start(['sh', '-c', 'cat; echo over; echo end >&2'], { stdin: true, stdinOnce: true });
      const session = await runtime.attach(container, { stdin: true });
      const errors = text(session.stderr ?? session.stdout);
      session.stdin?.end('some words\n');
      assert.equal(await text(session.stdout), 'some words\nover\n');
      assert.equal(await errors, 'end\n');
      assert.equal((await exited(container))?.exitCode, 0);
      await runtime.removePodSandbox(id);
    });

    test('an input that many can write to, one after the other, also to a new node agent', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const container = await start(['sh', '-c', 'read -r one; read -r two; echo "$one $two"'], { stdin: true });
      for (const word of ['one', 'two']) {
        const session = await runtime.attach(container, { stdin: true });
        session.stdin?.end(`${word}\n`);
        if (word === 'two') assert.equal(await text(session.stdout), 'one two\n');
        await runtime.close();
        runtime = await open({ stateDir });
      }
      assert.equal((await exited(container))?.exitCode, 0);
      assert.equal(await log(), 'one two\n');
      await runtime.removePodSandbox(id);
    });

    test('the built-in images, which run and end at once when told', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const store = new ImageStore({ fallback: 'none' });
      for (const name of ['my-app-image', 'pause']) {
        const { filesystem: image, config } = await store.resolve(name);
        const env = { ...config.env, PORT: '0', POD_NAME: 'my-app-1' };
        const container = await start(programOf(config, {}), { name, image, env });
        if (name === 'my-app-image') {
          const written = await eventually(
            () => log(name),
            (lines) => lines.includes('listens'),
          );
          const port = written.trim().split(' ').at(-1);
          assert.match(await (await fetch(`http://127.0.0.1:${port}`)).text(), /^Hello from my-app-1\n/);
        }
        await eventually(
          () => runtime.containerStatus(container),
          (status) => handlesTerm(status?.pid),
        );
        await runtime.stopContainer(container, { graceMs: 5000 });
        assert.equal((await runtime.containerStatus(container))?.exitCode, 0, await log(name));
      }
      await runtime.removePodSandbox(id);
    });

    test('an exec that is given up is ended', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const container = await start(['sleep', '1000']);
      const abort = new AbortController();
      const session = await runtime.exec(container, { command: ['sleep', '2345'], signal: abort.signal });
      await eventually(commandLines, (lines) => lines.includes('sleep 2345'));
      abort.abort();
      assert.notEqual(await session.exitCode, 0);
      await eventually(commandLines, (lines) => !lines.includes('sleep 2345'));
      await runtime.removePodSandbox(id);
    });

    test('the container of a node agent that was killed goes on', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const logPath = join(folder, `${id}-main.log`);
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
        import { ${name === 'crun' ? 'openCrunRuntime' : 'openNamespacesRuntime'} as open } from './${name}.ts';
        const runtime = await open({ stateDir: ${JSON.stringify(stateDir)} });
        await runtime.startContainer(await runtime.createContainer('${id}', ${JSON.stringify(config)}));
        process.kill(process.pid, 'SIGKILL');`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', agent], {
        cwd: import.meta.dirname,
        stdio: 'inherit',
      });
      const [, signal] = await once(child, 'exit');
      assert.equal(signal, 'SIGKILL');
      await eventually(log, (written) => written.includes('ready'));
      assert.equal((await runtime.containerStatus(`${id}/main/0`))?.state, 'running');
      await runtime.stopContainer(`${id}/main/0`, { graceMs: 5000 });
      assert.equal((await runtime.containerStatus(`${id}/main/0`))?.exitCode, 8);
      assert.equal(await log(), 'ready\nover\n');
      await runtime.removePodSandbox(id);
    });

    test('a container whose shim is killed goes on, and its end is found though nobody saw it', async () => {
      await runtime.runPodSandbox(sandbox(id));
      const container = await start(['sleep', '1000']);
      const { pid } = (await runtime.containerStatus(container)) ?? {};
      for (const shim of processes().filter(({ line }) => line.includes(`/${id}/`) && line.includes('shim.sh'))) {
        process.kill(shim.pid, 'SIGKILL');
      }
      assert.equal((await runtime.containerStatus(container))?.pid, pid);
      await runtime.stopContainer(container, { graceMs: 0 });
      const status = await exited(container);
      assert.equal(status?.exitCode, 137);
      assert.match(status?.message ?? '', /was killed/);
      await runtime.removePodSandbox(id);
    });

    test('no process, mount or file is left when the Pods are gone', async () => {
      assert.deepEqual(readdirSync(join(stateDir, 'events')), []);
      assert.deepEqual(readdirSync(join(stateDir, 'sandboxes')), []);
      assert.equal(readFileSync('/proc/self/mounts', 'utf8'), mountsBefore);
      const ours = /^sh -c mount|^\S*node |^unshare /;
      await eventually(commandLines, (lines) => lines.every((line) => ours.test(line)));
    });
  });
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

/** As PID 1, a program without a handler ignores TERM. */
function handlesTerm(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  const caught = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << 14n)) !== 0n;
}

/** What the dynamic loader would load for a program. */
function libraries(program: string): string[] {
  return [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path = '']) => path,
  );
}

/** All that are not zombies. */
function processes(): { pid: number; line: string }[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const line = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return line === '' ? [] : { pid: Number(entry), line };
      } catch {
        return [];
      }
    });
}

const commandLines = (): string[] => processes().map(({ line }) => line);
