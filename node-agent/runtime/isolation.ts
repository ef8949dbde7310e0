import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { programOf } from '../images/image.ts';
import { ImageStore } from '../images/image-store.ts';
import { isMapped } from './container-user.ts';
import { eventually } from './contract.ts';
import { type OpenRuntime, PodsUnderTest, programLayer } from './pods-under-test.ts';
import { commandLines } from './processes.ts';
import { StartError } from './runtime.ts';

/** What a container of a runtime with processes sees, and what it leaves behind: tests beyond the contract. */
export function testIsolation(name: string, open: OpenRuntime): void {
  describe(`${name}: what a container sees`, () => {
    const pods = new PodsUnderTest(`/run/isolation-${name}`, open);

    test('its hostname, its own processes, its environment and nothing of the agent', async () => {
      process.env['SECRET_OF_THE_AGENT'] = 'x';
      const output = await pods.run('hostname; echo $$; unset PWD; env | sort; echo /proc/[0-9]*', {
        pod: { hostname: 'web-0' },
        env: { PATH: '/usr/bin:/bin', QUOTES: `it's "$HOME" \\n`, TWO_LINES: 'a\nb' },
      });
      const [host, pid, ...rest] = output.split('\n');
      assert.deepEqual([host, pid], ['web-0', '1']);
      const environment = rest.filter((line) => !line.startsWith('/proc/'));
      assert.deepEqual(environment, [
        'HOME=/root',
        'HOSTNAME=web-0',
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
      const output = await pods.run(
        'for file in /usr/x /tmp/x /etc/x /x /run/x; do touch $file 2>/dev/null && echo $file; done; : >/dev/null && ls /mnt; head -c3 /dev/zero | wc -c',
      );
      assert.equal(output, '/tmp/x\n/etc/x\n/x\n/run/x\n3\n');
    });

    test('nothing can be written with a read-only root, and no kernel setting ever', async () => {
      const script =
        'for file in /x /etc/x /proc/sys/kernel/ns_last_pid; do sh -c "echo 1 >$file" 2>/dev/null || echo refused; done';
      assert.equal(await pods.run(script, { readOnlyRoot: true }), 'refused\nrefused\nrefused\n');
    });

    test('what is mounted: files over those of /etc, folders, read-only where asked', async () => {
      const files = join(pods.folder, 'with space');
      mkdirSync(files);
      writeFileSync(join(files, 'resolv.conf'), 'nameserver 10.96.0.10\n');
      const output = await pods.run(
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
      assert.equal(of(await pods.run(script)), `CapEff: ${few} CapBnd: ${few} NoNewPrivs: 0 `);
      pods.next();
      const strict = await pods.run(script, { noNewPrivileges: true });
      assert.equal(of(strict), `CapEff: ${few} CapBnd: ${few} NoNewPrivs: 1 `);
      pods.next();
      const asked = { drop: ['ALL'], add: ['NET_ADMIN'] };
      assert.match(
        of(await pods.run(script, { capabilities: asked })),
        /^CapEff: 0000000000001000 CapBnd: 0000000000001000/,
      );
    });

    test('every capability of the namespace where it is privileged', async () => {
      assert.equal(
        await pods.run('mkdir /m && mount -t tmpfs tmpfs /m && echo mounted', { privileged: true }),
        'mounted\n',
      );
      await pods.runtime.runPodSandbox(pods.sandbox());
      await assert.rejects(pods.start(['true'], { capabilities: { add: ['NET_ADMNI'] } }), /no capability "NET_ADMNI"/);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('the layers of an image, upper over lower, or why it has to do without', async () => {
      const layers = [join(pods.folder, 'lower'), join(pods.folder, 'upper')];
      const [lower = '', upper = ''] = layers;
      programLayer(lower, '/bin/sh');
      mkdirSync(upper);
      writeFileSync(join(lower, 'text'), 'lower\n');
      writeFileSync(join(upper, 'text'), 'upper\n');
      const image = { type: 'layers', id: 'sha256:1', layers } as const;
      const script = 'read -r line </text; echo $line; echo new >/text; read -r line </text; echo $line';
      if (name === 'crun') {
        assert.equal(await pods.run(script, { image }), 'upper\nnew\n');
        assert.equal(readFileSync(join(upper, 'text'), 'utf8'), 'upper\n');
      } else await assert.rejects(pods.run(script, { image }), /images with layers need crun/);
    });

    test('a user that the namespace has no id for is refused, not ignored', async (context) => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const user = { uid: 1000, gid: 1000 };
      if (isMapped(1000, readFileSync('/proc/self/uid_map', 'utf8'))) {
        const container = await pods.start(['sh', '-c', 'id -u; sleep 1000'], { user: { ...user, groups: [3000] } });
        await eventually(
          () => pods.log(),
          (said) => said === '1000\n',
        );
        const session = await pods.runtime.exec(container, { command: ['sh', '-c', 'id -u; id -G'] });
        assert.equal(await text(session.stdout), '1000\n1000 3000\n');
        context.diagnostic('ids are mapped here: the container ran as the user');
      } else await assert.rejects(pods.start(['true'], { user }), /runAsUser 1000 can't be had/);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('its working directory, made where it is missing and where it can be', async () => {
      assert.equal(await pods.run('pwd', { workingDir: '/usr/lib' }), '/usr/lib\n');
      pods.next();
      assert.equal(await pods.run('pwd', { workingDir: '/new/folder' }), '/new/folder\n');
      await pods.runtime.runPodSandbox(pods.sandbox());
      await assert.rejects(pods.start(['pwd'], { workingDir: '/usr/nowhere', name: 'other' }), (error) => {
        assert.ok(error instanceof StartError);
        assert.match(error.message, /nowhere/);
        return true;
      });
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('mounts and images that are not to be had are said when the container is created', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const mounts = [{ source: '/no/such/folder', target: '/data' }];
      await assert.rejects(pods.start(['true'], { mounts }), /\/no\/such\/folder/);
      assert.deepEqual(await pods.runtime.listContainers(pods.id), []);
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('each other, where the Pod shares its PID namespace, and no one outlives its container', async () => {
      await pods.runtime.runPodSandbox({ ...pods.sandbox(), shareProcessNamespace: true });
      const other = await pods.start(['sh', '-c', 'sleep 4321 & exit 3'], { name: 'other' });
      assert.equal((await pods.exited(other))?.exitCode, 3);
      const one = await pods.start(['sleep', '1234'], { name: 'one' });
      await eventually(commandLines, (lines) => lines.includes('sleep 1234'));
      const two = await pods.start(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'], { name: 'two' });
      await pods.exited(two);
      // The end is told before the output is complete, as others may still hold on to it.
      await eventually(
        () => pods.log('two'),
        (said) => said.includes('sleep 1234'),
      );
      await pods.runtime.stopContainer(one, { graceMs: 0 });
      await eventually(commandLines, (lines) => !lines.some((line) => /sleep (4321|1234)/.test(line)));
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('the built-in images, which run and end at once when told', async () => {
      await pods.runtime.runPodSandbox(pods.sandbox());
      const store = new ImageStore({ fallback: 'none' });
      for (const name of ['my-app-image', 'pause']) {
        const { filesystem: image, config } = await store.resolve(name);
        const env = { ...config.env, PORT: '0', POD_NAME: 'my-app-1' };
        const container = await pods.start(programOf(config, {}), { name, image, env });
        if (name === 'my-app-image') {
          const written = await eventually(
            () => pods.log(name),
            (lines) => lines.includes('listens'),
          );
          const port = written.trim().split(' ').at(-1);
          assert.match(await (await fetch(`http://127.0.0.1:${port}`)).text(), /^Hello from my-app-1\n/);
        }
        await eventually(
          () => pods.runtime.containerStatus(container),
          (status) => handlesTerm(status?.pid),
        );
        await pods.runtime.stopContainer(container, { graceMs: 5000 });
        assert.equal((await pods.runtime.containerStatus(container))?.exitCode, 0, await pods.log(name));
      }
      await pods.runtime.removePodSandbox(pods.id);
    });

    test('no process, mount or file is left when the Pods are gone', async () => {
      assert.deepEqual(readdirSync(join(pods.stateDir, 'events')), []);
      assert.deepEqual(readdirSync(join(pods.stateDir, 'sandboxes')), []);
      assert.equal(readFileSync('/proc/self/mounts', 'utf8'), pods.mountsBefore);
      const ours = /^sh -c mount|^\S*node |^unshare /;
      await eventually(commandLines, (lines) => lines.every((line) => ours.test(line)));
    });
  });
}

/** As PID 1, a program without a handler ignores TERM. */
function handlesTerm(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  const caught = /SigCgt:\s*(\w+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & (1n << 14n)) !== 0n;
}
