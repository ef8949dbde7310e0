import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { isOnPath } from '@skiff/cluster/network/preflight';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';
import { untilNodesFollow } from './data-plane.ts';
import { type Greeting, greet, seen } from './requests.ts';

const missing = isOnPath('kubectl') && isOnPath('perl') ? false : 'wants kubectl, and perl for what refuses namespaces';

export interface Place extends Surroundings {
  readonly name: string;
  /** Whether cluster IPs and load balancers are at their own addresses, as on Linux. */
  readonly hasLoopbackNetwork: boolean;
  /** Why it is not tried here. */
  readonly skip?: string | false;
}

const manifest = join(import.meta.dirname, 'host-network-chapter.yaml');

/** What a Pod's Node program says that it got from a URL. */
const fetched = (url: string): string =>
  `fetch(${JSON.stringify(url)}, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(5000) })
    .then((answer) => answer.text()).then(console.log, (error) => { console.log(String(error.cause ?? error)); process.exit(1); })`;

/** What one learns about Services, by the real kubectl, where containers or the system refuse namespaces. */
export function testChapter(place: Place): void {
  const skip = missing || (place.skip ?? false);
  suite(`where namespaces are refused to ${place.name}`, { skip }, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let said: string;
    const kubectl = (line: string): Promise<string> => cluster.kubectl(...line.split(' '));
    const inClient = (script: string): Promise<string> => cluster.kubectl('exec', 'client', '--', 'node', '-e', script);
    const greetFromPod = async (url: string): Promise<Greeting> => JSON.parse(await inClient(fetched(url)));
    const clusterIP = async (name: string): Promise<string> =>
      kubectl(`get service ${name} -o jsonpath={.spec.clusterIP}`);
    const podNames = async (selector: string): Promise<string[]> => {
      const { items } = await client.resource('Pod').list({ namespace: 'default', labelSelector: selector });
      return items.map(({ metadata }) => metadata.name).sort();
    };

    before(async () => {
      cluster = new ClusterUnderTest(place);
      const outcome = await cluster.skiff('up', '--api-port', '0');
      assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
      said = outcome.stdout;
      client = cluster.client();
      await kubectl(`apply -f ${manifest}`);
      await kubectl('rollout status deployment/web --timeout=30s');
      await kubectl('wait --for=condition=Ready pod/client pod/low --timeout=30s');
    });

    after(async () => {
      client?.close();
      await cluster[Symbol.asyncDispose]();
    });

    test('skiff up says in one line why, and what is lesser', () => {
      const lines = said.split('\n').filter((line) => line.includes('plain processes'));
      assert.equal(lines.length, 1, said);
      assert.match(
        said,
        /seccomp filter forbids new namespaces.*Pods are plain processes that share this machine's network.*with --privileged/,
      );
      assert.match(said, /3 nodes Ready after/);
    });

    test('nodes and Pods have loopback addresses, and Services too', async () => {
      const addresses = await kubectl(
        `get nodes -o jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}`,
      );
      assert.equal(addresses, '127.100.0.2 127.100.0.3 127.100.0.4');
      await eventually(async () => {
        const { items } = await client.resource('Pod').list({ namespace: 'default' });
        for (const { spec, status } of items)
          assert.match(status?.podIP ?? '', new RegExp(`^127\\.100\\.${spec?.nodeName?.slice(4)}\\.\\d+$`));
      });
      assert.equal(await clusterIP('kubernetes'), '127.96.0.1');
      const { items: services } = await client.resource('Service').list({ namespace: 'default' });
      for (const { spec } of services) assert.match(spec?.clusterIP ?? '', /^127\.96\./);
      assert.match(await kubectl('get endpointslices -l kubernetes.io/service-name=web'), /8080 +127\.100\.\d\.\d+,/);
    });

    test('a Pod reaches a cluster IP, on low ports too, and is seen with its own address', async () => {
      const address = await clusterIP('web');
      const own = await kubectl('get pod client -o jsonpath={.status.podIP}');
      const answered = new Set<string>();
      await eventually(
        async () => {
          const greeting = await greetFromPod(`http://${address}`);
          assert.equal(greeting.client, place.hasLoopbackNetwork ? own : '127.0.0.1');
          answered.add(greeting.pod);
          assert.deepEqual([...answered].sort(), await podNames('app=web'));
        },
        { withinMs: 30_000 },
      );
      assert.equal(await inClient(fetched(`http://${await clusterIP('low')}:82`)), 'low\n');
    });

    test('names resolve in Pods: short ones, full ones and those of other namespaces', async () => {
      const names = ['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local', 'web.other'];
      for (const name of names) assert.match((await greetFromPod(`http://${name}:8010`)).pod, /^web-/, name);
      await assert.rejects(inClient(fetched('http://nobody.default.svc.cluster.local')), /ENOTFOUND/);
      const resolved = await inClient(
        "require('dns').resolve4('web.default.svc.cluster.local', (_, found) => console.log(...found))",
      );
      assert.equal(resolved.trim(), await clusterIP('web'));
      const conf = await inClient("console.log(require('fs').readFileSync('/etc/resolv.conf', 'utf8'))");
      assert.match(conf, /nameserver 127\.96\.0\.10\n/);
    });

    test('this machine reaches cluster IPs, node ports and load balancers', async () => {
      const pods = await podNames('app=web');
      await kubectl('expose deployment web --type=LoadBalancer --name=balanced --port=8014 --target-port=8080');
      const balancer = await eventually(async () => {
        const text = await kubectl('get service balanced -o jsonpath={.status.loadBalancer.ingress[0].ip}');
        assert.match(text, /^127\./);
        return text;
      });
      const urls = [
        'http://127.0.0.1:30012',
        `http://${balancer}:8014`,
        ...(place.hasLoopbackNetwork ? [`http://${await clusterIP('web')}:8010`, 'http://127.100.0.2:30012'] : []),
      ];
      for (const url of urls)
        await eventually(async () => assert.deepEqual(await seen(url, 'pod', 40), pods, url), { withinMs: 20_000 });
    });

    test('this machine reaches everything by skiff socks', async () => {
      const launcher = join(import.meta.dirname, '..', '..', 'cluster', 'bin', 'skiff.js');
      const env = { ...process.env, ...place.env };
      const proxy = spawn(process.execPath, [launcher, 'socks', '--data-dir', cluster.dataDir, '--port', '0'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
      });
      try {
        const [line] = await once(createInterface(proxy.stdout), 'line');
        const [address] = /127\.0\.0\.1:\d+/.exec(line) ?? [];
        for (const host of ['web', 'web.default.svc.cluster.local', await clusterIP('web'), 'low:82']) {
          const { code, stdout } = await cluster.run('curl', [
            '-sS',
            '--max-time',
            '5',
            '-x',
            `socks5h://${address}`,
            `http://${host}`,
          ]);
          assert.equal(code, 0, host);
          assert.match(stdout, /Hello from web-|^low$/);
        }
      } finally {
        proxy.kill();
        await once(proxy, 'exit');
      }
    });

    test('datagrams reach a Pod, from others and from this machine', async () => {
      await kubectl('wait --for=condition=Ready pod/echo --timeout=30s');
      const ask = (address: string, port: number): string => `
        const socket = require('dgram').createSocket('udp4');
        socket.on('message', (text) => { console.log(String(text)); socket.close(); clearInterval(timer); });
        const timer = setInterval(() => socket.send('this', ${port}, '${address}', (error) => error && console.error(error)), 200);
        setTimeout(() => process.exit(1), 10_000).unref();`;
      assert.equal(await inClient(ask('echo', 54)), 'heard this\n');
      const { stdout } = await cluster.run(process.execPath, ['-e', ask('127.0.0.1', 30_054)]);
      assert.equal(stdout, 'heard this\n');
    });

    test('a client with affinity stays with its Pod', async () => {
      const url = `http://sticky:8011`;
      const first = await greetFromPod(url);
      for (let again = 0; again < 5; again += 1) assert.equal((await greetFromPod(url)).pod, first.pod);
    });

    test('what came in under the policy Local is answered', async () => {
      await eventually(async () =>
        assert.ok((await podNames('app=web')).includes((await greet('http://127.0.0.1:30013')).pod)),
      );
    });

    test('Pods speak with the API server as their service accounts', async () => {
      const said = await inClient(`
        const folder = '/var/run/secrets/kubernetes.io/serviceaccount/';
        const read = (name) => require('fs').readFileSync(folder + name, 'utf8');
        const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
        const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
        const headers = { authorization: 'Bearer ' + read('token'), 'content-type': 'application/json' };
        require('https').request({ host, port, path, method: 'POST', ca: read('ca.crt'), headers }, (answer) => answer.pipe(process.stdout))
          .end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }));`);
      assert.equal(JSON.parse(said).status.userInfo.username, 'system:serviceaccount:default:default');
    });

    test('volumes are found by Node programs where they are mounted, and by others by paths in their commands', async () => {
      assert.equal(await kubectl('logs client'), 'blue\n');
      for (const script of ['cat /settings/colour', 'cat "$SKIFF_ROOT/settings/colour"', 'cd /settings && cat colour'])
        assert.equal(await cluster.kubectl('exec', 'client', '--', 'sh', '-c', script), 'blue');
    });

    test('logs, exec and port-forward work', async () => {
      const [pod = ''] = await podNames('app=web');
      assert.match(await kubectl(`logs ${pod}`), /listens on port \d+/);
      await assert.rejects(cluster.kubectl('exec', pod, '--', 'sh', '-c', 'exit 7'), /exit code 7/);
      const forward = spawn('kubectl', ['--kubeconfig', cluster.kubeconfig, 'port-forward', 'pod/low', ':81']);
      try {
        const [line] = await once(createInterface(forward.stdout), 'line');
        const [port] = /(?<=127\.0\.0\.1:)\d+/.exec(line) ?? [];
        assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), 'low');
      } finally {
        forward.kill();
        await once(forward, 'exit');
      }
    });

    test('a Pod that crashes is started again', async () => {
      await eventually(
        async () => {
          const { status } = await client.resource('Pod').get({ namespace: 'default', name: 'crashes' });
          const [container] = status?.containerStatuses ?? [];
          assert.ok((container?.restartCount ?? 0) > 0);
          assert.equal(container?.lastState?.terminated?.exitCode, 3);
        },
        { withinMs: 30_000 },
      );
      await kubectl('delete pod crashes --grace-period=0 --force');
    });

    test('scaling, a rolling update and a rollback are followed', async () => {
      const service = { namespace: 'default', name: 'web' };
      await kubectl('scale deployment web --replicas=5');
      await kubectl('rollout status deployment/web --timeout=60s');
      await untilNodesFollow(client, service);
      const five = await podNames('app=web');
      assert.equal(five.length, 5);
      await eventually(async () => assert.deepEqual(await seen('http://127.0.0.1:30012', 'pod', 60), five));
      await kubectl('set image deployment/web web=my-app-image:v2');
      await kubectl('rollout status deployment/web --timeout=60s');
      await kubectl('rollout undo deployment/web');
      await kubectl('rollout status deployment/web --timeout=60s');
      await kubectl('scale deployment web --replicas=3');
      await kubectl('rollout status deployment/web --timeout=60s');
      await eventually(
        async () => {
          const three = await podNames('app=web');
          assert.equal(three.length, 3);
          assert.deepEqual(await seen('http://127.0.0.1:30012', 'pod', 40), three);
        },
        { withinMs: 30_000 },
      );
    });

    test('a cluster IP without endpoints refuses at once', async () => {
      await kubectl('create service clusterip nobody --tcp=8020:8020');
      await assert.rejects(inClient(fetched('http://nobody:8020')), /ECONNREFUSED/);
    });

    test('the DNS Pods are found by their label, say what they do, and are replaced', async () => {
      const dns = 'get pods -n kube-system -l k8s-app=kube-dns --no-headers';
      const ready = /^(coredns-\S+ +1\/1 +Running.*\n){2}$/;
      await eventually(async () => assert.match(await kubectl(dns), ready));
      assert.match(await kubectl('logs -n kube-system -l k8s-app=kube-dns'), /\S/);
      await kubectl('delete pods -n kube-system -l k8s-app=kube-dns');
      await eventually(async () => assert.match(await kubectl(dns), ready), { withinMs: 30_000 });
      await eventually(async () => assert.match((await greetFromPod('http://web:8010')).pod, /^web-/), {
        withinMs: 20_000,
      });
    });

    test('a Pod that listens on all addresses is not ready, and an event says why', async () => {
      const listen =
        'use IO::Socket::INET; my $socket = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => 8099, Listen => 5, ReuseAddr => 1) or die $!; sleep 600';
      await cluster.kubectl(
        'run',
        'everywhere',
        '--image=busybox',
        '--restart=Never',
        '--command',
        '--',
        'perl',
        '-e',
        listen,
      );
      await eventually(
        async () => {
          const { status } = await client.resource('Pod').get({ namespace: 'default', name: 'everywhere' });
          const found = status?.conditions?.find(({ type }) => type === 'Ready');
          assert.equal(`${found?.status} ${found?.reason}`, 'False ListensOnAllAddresses');
        },
        { withinMs: 20_000 },
      );
      const events = await kubectl('get events --field-selector involvedObject.name=everywhere,type=Warning');
      assert.match(events, /8099/);
      assert.match(events, /HOST/);
      await kubectl('delete pod everywhere --grace-period=0 --force');
    });

    test('a node is added, and one that is stopped takes its Pods with it and comes back', async () => {
      assert.equal((await cluster.skiff('node', 'add')).stdout, 'node "node4" is added and Ready\n');
      assert.match((await cluster.skiff('node', 'ls')).stdout, /^node4 +running +127\.100\.0\.5 +127\.100\.4\.0\/24$/m);
      const { items } = await client.resource('Pod').list({ namespace: 'default' });
      const low = items.find(({ metadata }) => metadata.name === 'low');
      const before = low?.status?.containerStatuses?.[0]?.containerID;
      assert.equal((await cluster.skiff('node', 'stop', 'node2')).code, 0);
      await assert.rejects(inClient(fetched('http://low:82')));
      assert.equal((await cluster.skiff('node', 'start', 'node2')).code, 0);
      await eventually(
        async () => {
          const { status } = await client.resource('Pod').get({ namespace: 'default', name: 'low' });
          assert.notEqual(status?.containerStatuses?.[0]?.containerID, before);
          assert.equal(await inClient(fetched('http://low:82')), 'low\n');
        },
        { withinMs: 30_000 },
      );
    });

    test('skiff why finds that Services work, the DNS too', async () => {
      for (const [namespace, service] of [
        ['default', 'door'],
        ['kube-system', 'kube-dns'],
      ] as const)
        await eventually(async () => {
          const { code, stdout } = await cluster.skiff('why', `service/${service}`, '--namespace', namespace);
          assert.equal(code, 0, stdout);
          assert.match(stdout, new RegExp(`service ${namespace}/${service} works`));
        });
    });

    test('skiff shell is a shell of this machine, and says that a node has none', async () => {
      assert.equal((await cluster.skiff('shell', '--', 'echo', 'here')).stdout, 'here\n');
      const { code, stderr } = await cluster.skiff('shell', 'node1', '--', 'true');
      assert.equal(code, 1);
      assert.match(stderr, /node "node1" has no network to enter: this cluster is on that of this machine/);
      assert.match((await cluster.skiff('status')).stdout, /^network +that of this machine$/m);
    });

    test('after down and up it is as it was, and nothing is left after it', async () => {
      const marked = (): Promise<string> =>
        cluster
          .run('sh', ['-c', `grep -lz "${cluster.dataDir}" /proc/[0-9]*/environ 2>/dev/null; true`])
          .then(({ stdout }) => stdout);
      assert.notEqual(await marked(), '');
      assert.equal((await cluster.skiff('down')).code, 0);
      assert.deepEqual(readdirSync(join(cluster.dataDir, 'run')), []);
      assert.equal(await marked(), '');
      const { code, stdout, stderr } = await cluster.skiff('up', '--network', 'own');
      assert.equal(code, 1, stdout);
      assert.match(stderr, /this cluster's addresses are those of the network "host"/);
      assert.equal((await cluster.skiff('up', '--api-port', '0')).code, 0);
      await eventually(async () => assert.match((await greetFromPod('http://web:8010')).pod, /^web-/), {
        withinMs: 30_000,
      });
    });
  });
}
