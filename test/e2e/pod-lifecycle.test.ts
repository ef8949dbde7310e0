import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';

type Spec = NonNullable<Pod['spec']>;
type Container = Spec['containers'][number];

const sh = (script: string, more: Partial<Container> = {}): Container => ({
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', script],
  ...more,
});
const forever = 'trap "exit 0" TERM; while :; do sleep 0.05; done';
const shared = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
const volumes = [{ name: 'shared', emptyDir: {} }];

/** All Pods of the tests, which are created at once: they wait for each other's seconds. */
const specs = {
  inits: {
    restartPolicy: 'Never',
    volumes,
    initContainers: [
      sh('echo one >>/shared/log', { ...shared, name: 'one' }),
      sh(`echo side >>/shared/log; trap "echo side ended; exit 0" TERM; while :; do sleep 0.05; done`, {
        ...shared,
        name: 'side',
        restartPolicy: 'Always',
        startupProbe: { exec: { command: ['grep', 'side', '/shared/log'] }, periodSeconds: 1 },
      }),
      sh('echo two >>/shared/log', { ...shared, name: 'two' }),
    ],
    containers: [sh('cat /shared/log; echo done >/dev/termination-log', shared)],
  },
  ordered: {
    restartPolicy: 'Never',
    volumes,
    initContainers: ['first', 'second'].map((name) =>
      sh(`trap 'echo ${name} >>/shared/ends; cat /shared/ends; exit 0' TERM; while :; do sleep 0.05; done`, {
        ...shared,
        name,
        restartPolicy: 'Always',
        lifecycle: { preStop: { exec: { command: ['sh', '-c', `echo hook ${name} >>/shared/ends`] } } },
      }),
    ),
    containers: [sh('echo main >>/shared/ends', shared)],
  },
  crash: {
    volumes,
    containers: [
      sh(
        'echo x >>/shared/lives; echo life $(wc -l </shared/lives); echo last words >/dev/termination-log; exit 5',
        shared,
      ),
    ],
  },
  fallback: {
    restartPolicy: 'Never',
    containers: [sh('echo from the log; exit 5', { terminationMessagePolicy: 'FallbackToLogsOnError' })],
  },
  rules: {
    restartPolicy: 'Never',
    volumes,
    containers: [
      sh('test -e /shared/again && exit 0; touch /shared/again; exit 42', {
        ...shared,
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
      }),
    ],
  },
  pull: { containers: [{ name: 'main', image: 'nginx' }] },
  never: { containers: [{ name: 'main', image: 'nginx', imagePullPolicy: 'Never', command: ['true'] }] },
  named: { containers: [{ name: 'main', image: 'No:Name:x', command: ['true'] }] },
  config: { containers: [sh('true', { envFrom: [{ configMapRef: { name: 'nowhere' } }] })] },
  program: { containers: [{ name: 'main', image: 'busybox', command: ['/no/such/program'] }] },
  root: { containers: [sh('true', { securityContext: { runAsNonRoot: true } })] },
  deadline: { activeDeadlineSeconds: 1, terminationGracePeriodSeconds: 2, containers: [sh(forever)] },
  greedy: { nodeName: 'node1', containers: [sh(forever, { resources: { requests: { cpu: '1000' } } })] },
  late: { activeDeadlineSeconds: 1, containers: [{ name: 'main', image: 'nginx' }] },
  stuck: {
    terminationGracePeriodSeconds: 1,
    containers: [sh(forever, { lifecycle: { postStart: { exec: { command: ['sleep', '321'] } } } })],
  },
  filler: {
    volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Mi' } }],
    containers: [
      sh(`head -c 2000000 /dev/zero >/cache/file; ${forever}`, {
        volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
      }),
    ],
  },
  writer: {
    containers: [
      sh(`head -c 4000000 /dev/zero >/file; ${forever}`, { resources: { limits: { 'ephemeral-storage': '3Mi' } } }),
      sh(forever, { name: 'other', resources: { limits: { 'ephemeral-storage': '1Gi' } } }),
    ],
  },
  hooks: {
    terminationGracePeriodSeconds: 10,
    containers: [
      sh(forever, {
        lifecycle: {
          postStart: { exec: { command: ['sh', '-c', 'echo post >/proc/1/fd/1'] } },
          preStop: { exec: { command: ['sh', '-c', 'echo pre >/proc/1/fd/1; sleep 1'] } },
        },
      }),
    ],
  },
  hook: { containers: [sh(forever, { lifecycle: { postStart: { exec: { command: ['false'] } } } })] },
  alive: {
    terminationGracePeriodSeconds: 1,
    containers: [
      sh(forever, { livenessProbe: { exec: { command: ['false'] }, periodSeconds: 1, failureThreshold: 1 } }),
    ],
  },
  probed: {
    readinessGates: [{ conditionType: 'example.com/gate' }],
    containers: [
      {
        name: 'main',
        image: 'my-app-image',
        startupProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        livenessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
        readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 },
      },
    ],
  },
  named2: {
    hostname: 'h',
    subdomain: 'sub',
    setHostnameAsFQDN: true,
    shareProcessNamespace: true,
    hostAliases: [{ ip: '1.2.3.4', hostnames: ['foo', 'bar'] }],
    dnsConfig: { nameservers: ['9.9.9.9'], searches: ['x.y'], options: [{ name: 'ndots', value: '2' }] },
    containers: [
      sh('hostname; cat /etc/hosts /etc/resolv.conf; sleep 1000'),
      sh('until grep -l hostname /proc/[0-9]*/cmdline; do sleep 0.1; done; sleep 1000', { name: 'other' }),
    ],
  },
  hostnet: { hostNetwork: true, containers: [sh('hostname; sleep 1000')] },
  hostpid: { hostPID: true, containers: [sh('sleep 1000')] },
  debugged: { containers: [sh(`${forever}; echo marker`, { resources: { requests: { cpu: '10m' } } })] },
} satisfies Record<string, Spec>;

type Name = keyof typeof specs;

function testLifecycle(title: string, surroundings: Surroundings): void {
  describe(title, { timeout: 120_000 }, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings, '--nodes', '1');
      client = new Client({ server: `unix:${cluster.apiSocket}` });
      const pods = Object.entries(specs).map(([name, spec]) => ({ metadata: { namespace: 'default', name }, spec }));
      await Promise.all(pods.map((pod) => client.resource('Pod').create(pod as Pod))); // the server adds the rest
    });
    after(async () => {
      client?.[Symbol.dispose]();
      await cluster?.[Symbol.asyncDispose]();
    });

    const get = (name: Name): Promise<Pod> => client.resource('Pod').get({ namespace: 'default', name });
    const state = async (name: Name) => (await get(name)).status?.containerStatuses?.[0];
    const phase = (name: Name, wanted: string): Promise<void> =>
      eventually(async () => assert.equal((await get(name)).status?.phase, wanted), { withinMs: 30_000 });
    const logs = (name: Name, ...flags: string[]): Promise<string> => cluster.kubectl('logs', name, ...flags);
    const events = async (name: Name): Promise<string[]> => {
      const { items } = await client.resource('Event').list({ namespace: 'default' });
      return items
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`);
    };
    const event = (name: Name, wanted: RegExp): Promise<void> =>
      eventually(async () => assert.match((await events(name)).join('\n'), wanted), { withinMs: 30_000 });
    const waits = (name: Name, reason: string, message: RegExp): Promise<void> =>
      eventually(
        async () => {
          const waiting = (await state(name))?.state?.waiting;
          assert.equal(waiting?.reason, reason);
          assert.match(waiting?.message ?? '', message);
        },
        { withinMs: 30_000 },
      );

    test('init containers and sidecars start in order; sidecars end last', async () => {
      await phase('inits', 'Succeeded');
      assert.equal(await logs('inits', '-c', 'main'), 'one\nside\ntwo\n');
      assert.equal(await logs('inits', '-c', 'side'), 'side ended\n');
      assert.equal((await state('inits'))?.state?.terminated?.message, 'done\n');
      await phase('ordered', 'Succeeded');
      const hooks = /^main\nhook (first\nhook second|second\nhook first)\nsecond\nfirst\n$/;
      assert.match(await logs('ordered', '-c', 'first'), hooks);
    });

    test('a container that fails is restarted after a back-off, and its last words are told', async () => {
      await waits('crash', 'CrashLoopBackOff', /^back-off 10s restarting failed container=main pod=crash_default\(/);
      const status = await state('crash');
      assert.deepEqual(
        [status?.lastState?.terminated?.exitCode, status?.lastState?.terminated?.message],
        [5, 'last words\n'],
      );
      await event('crash', /BackOff: Back-off restarting failed container main in pod crash_default\(/);
      await phase('fallback', 'Failed');
      assert.equal((await state('fallback'))?.state?.terminated?.message, 'from the log\n');
    });

    test('the previous log is that of the last life that ended', async () => {
      const none = /Error from server \(BadRequest\): previous terminated container "main" in pod "hostnet" not found/;
      await eventually(async () => assert.equal(await logs('hostnet'), 'node1\n'));
      await assert.rejects(logs('hostnet', '--previous'), none);
      // It is started again at once for the first time, 10 seconds after its end for the second.
      await eventually(async () => {
        await waits('crash', 'CrashLoopBackOff', /./);
        const life = `life ${((await state('crash'))?.restartCount ?? 0) + 1}\n`;
        assert.notEqual(life, 'life 1\n');
        for (const flags of [[], ['--previous'], ['--previous', '--tail=1', '-f']])
          assert.equal(await logs('crash', ...flags), life);
      });
    });

    test('a rule of a container restarts it though its Pod never would', async () => {
      await phase('rules', 'Succeeded');
      assert.equal((await state('rules'))?.restartCount, 1);
    });

    test('what keeps a container from running is told in the words of Kubernetes', async () => {
      await waits('pull', 'ImagePullBackOff', /^Back-off pulling image "nginx": ErrImagePull: /);
      await event('pull', /Failed: Error: ErrImagePull/);
      await waits('never', 'ErrImageNeverPull', /is not present with pull policy of Never/);
      await waits('named', 'InvalidImageName', /couldn't parse image name "No:Name:x"/);
      await waits('config', 'CreateContainerConfigError', /^configmap "nowhere" not found$/);
      await waits('root', 'CreateContainerConfigError', /container has runAsNonRoot and image will run as root/);
      await eventually(async () => {
        const { state: now, lastState } = (await state('program')) ?? {};
        const { reason, exitCode } = lastState?.terminated ?? now?.terminated ?? {};
        assert.deepEqual([reason, exitCode], ['StartError', 128]);
      });
      await event('program', /Failed: Error: .*no.such.program/);
      await event('hostpid', /FailedCreatePodSandBox: .*hostPID is refused/);
    });

    test('a Pod that is active for too long fails', async () => {
      await phase('deadline', 'Failed');
      assert.equal((await get('deadline')).status?.reason, 'DeadlineExceeded');
      await phase('late', 'Failed');
      const { reason, exitCode } = (await state('late'))?.state?.terminated ?? {};
      assert.deepEqual([reason, exitCode], ['ContainerStatusUnknown', 137], 'it never ran, and never will');
    });

    test('a Pod that its node has no room for, though it was given to it, is rejected', async () => {
      await phase('greedy', 'Failed');
      const { status } = await get('greedy');
      assert.equal(status?.reason, 'OutOfcpu');
      assert.match(
        status?.message ?? '',
        /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000, /,
      );
      await event('greedy', /OutOfcpu: Node didn't have enough resource/);
      assert.match(await cluster.kubectl('get', 'pod', 'greedy'), /0\/1 +OutOfcpu/);
      await cluster.kubectl('delete', 'pod', 'greedy', '--timeout=10s');
    });

    test('hooks run after the start and before the end', async () => {
      await eventually(async () => assert.equal(await logs('hooks'), 'post\n'));
      const following = logs('hooks', '-f');
      await client.resource('Pod').delete({ namespace: 'default', name: 'hooks' });
      assert.equal(await following, 'post\npre\n');
      await event('hook', /FailedPostStartHook: PostStartHook failed/);
      await event('stuck', /Started/);
      await cluster.kubectl('delete', 'pod', 'stuck', '--timeout=10s');
    });

    test('a container that is not alive is restarted', async () => {
      await eventually(async () => assert.ok(((await state('alive'))?.restartCount ?? 0) > 0), { withinMs: 30_000 });
      await event('alive', /Unhealthy: Liveness probe failed/);
      await event('alive', /Killing: Container main failed liveness probe, will be restarted/);
      const told = await cluster.kubectl('get', 'events', '--field-selector', 'reason=Started', '-o', 'wide');
      assert.match(told, /pod\/alive +spec\.containers\{main\} +kubelet, node1 +Container started/);
      assert.match(told, /pod\/inits +spec\.initContainers\{side\} /);
    });

    test('a Pod is Ready when its probe and its gates are', async () => {
      const condition = async (type: string) =>
        (await get('probed')).status?.conditions?.find((one) => one.type === type);
      await eventually(async () => assert.equal((await state('probed'))?.started, true), { withinMs: 30_000 });
      assert.equal((await state('probed'))?.ready, false);
      await cluster.kubectl('exec', 'probed', '--', 'touch', '/tmp/ready');
      await eventually(async () => assert.equal((await condition('ContainersReady'))?.status, 'True'));
      assert.equal((await condition('Ready'))?.reason, 'ReadinessGatesNotReady');
      const gate = { status: { conditions: [{ type: 'example.com/gate', status: 'True' }] } };
      const key = { namespace: 'default', name: 'probed' };
      await client.resource('Pod').patch(key, gate, { type: 'strategic', subresource: 'status' });
      await eventually(async () => assert.equal((await condition('Ready'))?.status, 'True'));
      assert.equal((await condition('PodReadyToStartContainers'))?.status, 'True');
      const { metadata, status } = await get('probed');
      assert.equal(status?.observedGeneration, metadata.generation);
      assert.deepEqual([status?.podIPs, status?.hostIPs], [[{ ip: status?.podIP }], [{ ip: status?.hostIP }]]);
    });

    test('names, aliases, resolvers and processes are as the Pod asks', async () => {
      let output = '';
      await eventually(async () => {
        output = await logs('named2', '-c', 'main');
        assert.match(output, /ndots/);
      });
      assert.match(output, /^h\.sub\.default\.svc\.cluster\.local\n/);
      assert.match(output, /^\d\S+\th\.sub\.default\.svc\.cluster\.local\th$/m);
      assert.match(output, /^1\.2\.3\.4\tfoo\tbar$/m);
      assert.match(output, /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local.* x\.y$/m);
      assert.match(output, /^nameserver 10\.96\.0\.10\nnameserver 9\.9\.9\.9$/m);
      assert.match(output, /^options ndots:2$/m);
      await eventually(async () => assert.match(await logs('named2', '-c', 'other'), /\/proc\/\d+\/cmdline/));
      await eventually(async () => assert.equal(await logs('hostnet'), 'node1\n'));
      const { podIP, hostIP } = (await get('hostnet')).status ?? {};
      assert.equal(podIP, hostIP);
    });

    test('kubectl debug adds a container that sees the processes of another', async () => {
      await phase('debugged', 'Running');
      const script = 'cat /proc/1/cmdline | tr "\\0" " "; sleep 1';
      const debug = ['debug', 'debugged', '-i', '--quiet', '--image=busybox', '--target=main', '-c', 'look'];
      assert.match(await cluster.kubectl(...debug, '--', 'sh', '-c', script), /echo marker/);
      await eventually(async () => {
        const [status] = (await get('debugged')).status?.ephemeralContainerStatuses ?? [];
        assert.equal(status?.state?.terminated?.exitCode, 0);
      });
      assert.equal((await state('debugged'))?.restartCount, 0);
    });

    test('resources are changed in place', async () => {
      const resources = { requests: { cpu: '20m' } };
      const patch = { spec: { containers: [{ name: 'main', resources }] } };
      const key = { namespace: 'default', name: 'debugged' };
      await client.resource('Pod').patch(key, patch, { type: 'strategic', subresource: 'resize' });
      await eventually(async () => assert.deepEqual((await state('debugged'))?.resources, resources));
      assert.equal((await state('debugged'))?.restartCount, 0);
    });

    test('a Pod that takes more of the disk than it may is evicted', async () => {
      const messages = {
        filler: 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ',
        writer: 'Container main exceeded its local ephemeral storage limit "3Mi". ',
      };
      for (const [name, message] of [
        ['filler', messages.filler],
        ['writer', messages.writer],
      ] as const) {
        await phase(name, 'Failed');
        const { status } = await get(name);
        assert.deepEqual([status?.reason, status?.message], ['Evicted', message]);
        assert.ok((await state(name))?.state?.terminated);
        await event(name, new RegExp(`Evicted: ${message}`));
      }
    });
  });
}

testLifecycle('Pods with crun', { user: 'self' });
testLifecycle('Pods of an ordinary user, with namespaces alone', { user: 'ordinary', without: ['crun'] });
