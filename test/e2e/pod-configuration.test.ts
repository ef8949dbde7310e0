import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';

type Spec = NonNullable<Pod['spec']>;

const sleeps = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const namespace = 'default';

/** What a container is given by its Pod, looked at from inside. */
function testConfiguration(title: string, surroundings: Surroundings): void {
  describe(title, { timeout: 120_000 }, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let host: string;
    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings, '--nodes', '1');
      client = new Client({ server: `unix:${cluster.apiSocket}` });
      host = join(cluster.dataDir, '..', 'host');
      mkdirSync(host);
      writeFileSync(join(host, 'file'), 'of the host\n');
      const data = { a: 'one', B: 'two', 'not-a.variable': 'x' };
      const metadata = { namespace, name: 'settings' };
      await client.resource('ConfigMap').create({ metadata, data, binaryData: { bin: 'AAEC' } });
      await client.resource('Secret').create({ metadata, stringData: { password: 's3cret' } });
    });
    after(async () => {
      client?.[Symbol.dispose]();
      await cluster?.[Symbol.asyncDispose]();
    });

    const create = async (name: string, spec: Partial<Spec>): Promise<void> => {
      const [container = { name: 'main' }] = spec.containers ?? [];
      const containers = [{ image: 'busybox', command: sleeps, ...container }];
      const metadata = { namespace, name, labels: { app: 'x' }, annotations: { note: 'say "hi"' } };
      await client.resource('Pod').create({ metadata, spec: { ...spec, containers } });
    };
    const running = async (name: string): Promise<void> =>
      void (await cluster.kubectl('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=30s'));
    const inside = (name: string, script: string): Promise<string> =>
      cluster.kubectl('exec', name, '--', 'sh', '-c', script);
    const waits = (name: string, reason: string, message: RegExp): Promise<void> =>
      eventually(
        async () => {
          const pod = await client.resource('Pod').get({ namespace, name });
          const { waiting } = pod.status?.containerStatuses?.[0]?.state ?? {};
          assert.equal(waiting?.reason, reason);
          assert.match(waiting?.message ?? '', message);
        },
        { withinMs: 30_000 },
      );

    test('variables come from values, fields, resources, ConfigMaps, Secrets and Services', async () => {
      await create('env', {
        containers: [
          {
            name: 'main',
            args: ['unused', '$(POD)', '$$(POD)', '$(NOBODY)'],
            resources: { limits: { cpu: '1500m', memory: '64Mi' } },
            envFrom: [{ prefix: 'CM_', configMapRef: { name: 'settings' } }],
            env: [
              { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
              { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
              { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'settings', key: 'password' } } },
              { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'nowhere', key: 'x', optional: true } } },
              { name: 'BOTH', value: '$(POD)-$(CM_a) $(NOBODY) $$(POD)' },
            ],
          },
        ],
      });
      await running('env');
      const lines = (await inside('env', 'tr "\\0" "\\n" </proc/1/environ; tr "\\0" "\\n" </proc/1/cmdline')).split(
        '\n',
      );
      const wanted = [
        'POD=env',
        'APP=x',
        'CPU=2',
        'MEMORY=64',
        'PASSWORD=s3cret',
        'CM_a=one',
        'CM_B=two',
        'HOSTNAME=env',
      ];
      wanted.push('BOTH=env-one $(NOBODY) $(POD)', 'KUBERNETES_SERVICE_HOST=10.96.0.1', 'KUBERNETES_SERVICE_PORT=443');
      for (const line of [...wanted, 'env', '$(POD)', '$(NOBODY)'])
        assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
      assert.ok(!lines.some((line) => line.startsWith('NONE=')));
      await create('links', { enableServiceLinks: false });
      await running('links');
      assert.match(await inside('links', 'env'), /KUBERNETES_SERVICE_HOST=10.96.0.1/);
    });

    test('volumes show ConfigMaps, Secrets, fields and tokens, and follow them', async () => {
      await create('volumes', {
        containers: [
          {
            name: 'main',
            volumeMounts: [
              { name: 'cm', mountPath: '/cm' },
              { name: 'cm', mountPath: '/one', subPath: 'a' },
              { name: 'secret', mountPath: '/secret' },
              { name: 'all', mountPath: '/all' },
              { name: 'maybe', mountPath: '/maybe' },
            ],
          },
        ],
        volumes: [
          {
            name: 'cm',
            configMap: {
              name: 'settings',
              items: [
                { key: 'a', path: 'a' },
                { key: 'bin', path: 'deep/bin', mode: 0o400 },
              ],
            },
          },
          { name: 'secret', secret: { secretName: 'settings', defaultMode: 0o440 } },
          { name: 'maybe', configMap: { name: 'nowhere', optional: true } },
          {
            name: 'all',
            projected: {
              sources: [
                { serviceAccountToken: { path: 'token', audience: 'me', expirationSeconds: 600 } },
                { downwardAPI: { items: [{ path: 'notes', fieldRef: { fieldPath: 'metadata.annotations' } }] } },
                { secret: { name: 'settings', items: [{ key: 'password', path: 'pw' }] } },
              ],
            },
          },
        ],
      });
      await running('volumes');
      const look =
        'cat /cm/a /one /secret/password /all/pw; stat -Lc %a /cm/deep/bin /secret/password; od -An -tx1 /cm/deep/bin; cat /all/notes; ls /maybe; ls /cm/x 2>/dev/null || touch /cm/x 2>/dev/null || echo read-only';
      const shown = await inside('volumes', look);
      assert.match(shown, /^oneones3crets3cret400\n440\n 00 01 02\nnote="say \\"hi\\""/);
      assert.match(shown, /read-only\n$/);
      const [, claims = ''] = (await inside('volumes', 'cat /all/token')).split('.');
      assert.deepEqual(JSON.parse(Buffer.from(claims, 'base64url').toString()).aud, ['me']);
      const key = { namespace, name: 'settings' };
      await client.resource('ConfigMap').patch(key, { data: { a: 'changed' } }, { type: 'merge' });
      await eventually(async () => assert.equal(await inside('volumes', 'cat /cm/a /one'), 'changedone'), {
        withinMs: 60_000,
      });
    });

    test('emptyDirs are shared, and in memory as large as they may be', async () => {
      await create('empty', {
        containers: [
          {
            name: 'main',
            volumeMounts: [
              { name: 'disk', mountPath: '/disk' },
              { name: 'disk', mountPath: '/sub', subPathExpr: 'of-$(HOME_OF)' },
              { name: 'memory', mountPath: '/memory' },
            ],
            env: [{ name: 'HOME_OF', value: 'me' }],
          },
        ],
        volumes: [
          { name: 'disk', emptyDir: {} },
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        ],
      });
      await running('empty');
      const script =
        'echo x >/sub/file; cat /disk/of-me/file; head -c 2000000 /dev/zero >/memory/large 2>/dev/null || echo full';
      assert.equal(await inside('empty', script), 'x\nfull\n');
    });

    test('a hostPath is what its type says; no subPath leads out of a volume', async () => {
      const mounts = (subPath: string): Partial<Spec> => ({
        containers: [
          { name: 'main', volumeMounts: [{ name: 'host', mountPath: '/host', ...(subPath && { subPath }) }] },
        ],
        volumes: [{ name: 'host', hostPath: { path: host, type: 'Directory' } }],
      });
      await create('host', mounts('file'));
      await running('host');
      assert.equal(await inside('host', 'cat /host'), 'of the host\n');
      symlinkSync('/etc', join(host, 'out'));
      await create('link', mounts('out/passwd'));
      await waits('link', 'CreateContainerConfigError', /failed to prepare subPath.*leaves the volume/);
      const [container] = mounts('').containers ?? [];
      const expression = { name: 'host', mountPath: '/host', subPathExpr: '$(NOWHERE)' };
      const expressed = { name: 'main', ...container, volumeMounts: [expression] };
      await create('expressed', { ...mounts(''), containers: [expressed] });
      await waits('expressed', 'CreateContainerConfigError', /^missing value for "NOWHERE"$/);
      await create('typed', { ...mounts(''), volumes: [{ name: 'host', hostPath: { path: host, type: 'File' } }] });
      await eventually(
        async () =>
          assert.match(
            await cluster.kubectl('get', 'events'),
            /FailedMount .*hostPath type check failed: .* is not a file/,
          ),
        { withinMs: 30_000 },
      );
    });

    test('what a ConfigMap or a Secret lacks is told', async () => {
      await create('key', {
        containers: [
          { name: 'main', env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'settings', key: 'nothing' } } }] },
        ],
      });
      await waits('key', 'CreateContainerConfigError', /couldn't find key nothing in Secret default\/settings/);
      const volumes = [{ name: 'cm', configMap: { name: 'nowhere' } }];
      await create('mount', {
        containers: [{ name: 'main', volumeMounts: [{ name: 'cm', mountPath: '/cm' }] }],
        volumes,
      });
      await eventually(async () => assert.match(await cluster.kubectl('get', 'events'), /FailedMount .*nowhere/), {
        withinMs: 30_000,
      });
    });

    test('a security context is kept to, or an Event says why not', async () => {
      await create('secure', {
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'main',
            securityContext: {
              capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
              readOnlyRootFilesystem: true,
              allowPrivilegeEscalation: false,
            },
          },
        ],
      });
      await running('secure');
      const caps = await inside(
        'secure',
        'grep -E "CapEff|NoNewPrivs" /proc/self/status; touch /x 2>/dev/null || echo read-only',
      );
      assert.match(caps, /CapEff:\s+0000000000001000\nNoNewPrivs:\s+1\nread-only\n/);
      await create('user', {
        securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000 },
        containers: [
          {
            name: 'main',
            volumeMounts: [
              { name: 'secret', mountPath: '/secret' },
              { name: 'empty', mountPath: '/empty' },
            ],
          },
        ],
        volumes: [
          { name: 'secret', secret: { secretName: 'settings', defaultMode: 0o400 } },
          { name: 'empty', emptyDir: {} },
        ],
      });
      await eventually(
        async () => {
          const { status } = await client.resource('Pod').get({ namespace, name: 'user' });
          if (status?.phase === 'Running')
            assert.equal(
              await inside('user', 'id -u; id -g; id -G; cat /secret/password; echo x >/empty/x; stat -c %g /empty/x'),
              '1000\n2000\n2000 3000\ns3cret3000\n',
            );
          else assert.match(status?.containerStatuses?.[0]?.state?.waiting?.message ?? '', /can't be had|can't be set/);
        },
        { withinMs: 20_000 },
      );
    });
  });
}

testConfiguration('configuration, with crun', { user: 'self' });
testConfiguration('configuration of an ordinary user, with namespaces alone', { user: 'ordinary', without: ['crun'] });
