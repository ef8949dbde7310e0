import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Pod, Service } from '@skiff/api/types';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest, type Surroundings } from '../e2e/cluster-under-test.ts';
import { Callers, type Place } from './callers.ts';

interface Way {
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly flags: readonly string[];
  /** Whether Pods see who calls them. */
  readonly keepsClientAddress: boolean;
}

const ordinary = { user: 'ordinary' } as const;
const nftables = { flags: ['--proxy', 'nftables', '--runtime', 'crun'], keepsClientAddress: true };
const userspace = { flags: ['--proxy', 'userspace', '--runtime', 'namespaces'], keepsClientAddress: false };
const ways: readonly Way[] = [
  { name: 'nftables, for an ordinary user', surroundings: ordinary, ...nftables },
  { name: 'the user-space proxier, for whoever runs this', surroundings: { user: 'self' }, ...userspace },
  // The other two of the four, which differ from these in nothing that a Service knows of.
  ...(process.env['SKIFF_TEST_ALL_WAYS'] === undefined
    ? []
    : [
        { name: 'nftables, for whoever runs this', surroundings: { user: 'self' } as const, ...nftables },
        { name: 'the user-space proxier, for an ordinary user', surroundings: ordinary, ...userspace },
      ]),
];

const all = ['web-1', 'web-2', 'web-3'];
type Spec = NonNullable<Service['spec']>;

for (const way of ways)
  suite(`Services by ${way.name}`, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let callers: Callers;
    /** Web Pods by name, and where they are. */
    const places = new Map<string, { podIP: string; node: string }>();
    const pod = (name: string): { podIP: string; node: string } => {
      const place = places.get(name);
      assert.ok(place, `there is no Pod ${name}`);
      return place;
    };

    before(async () => {
      cluster = await ClusterUnderTest.up(way.surroundings, '--nodes', '3', ...way.flags);
      client = new Client({ server: `unix:${cluster.apiSocket}` });
      callers = await Callers.of(cluster);
      await Promise.all(['node1', 'node2', 'node3'].map((node) => run(web(`web-${node.at(-1)}`, node))));
    });
    after(async () => {
      client?.close();
      await cluster?.[Symbol.asyncDispose]();
    });

    test('a cluster IP is answered by every Pod, for Pods and for nodes', async () => {
      const { url } = await service('plain', {});
      for (const place of [pod('web-1'), pod('web-2'), { node: 'node3' }])
        await eventually(async () => assert.deepEqual(await callers.pods(place, url), all));
      if (!way.keepsClientAddress) return;
      await eventually(async () => {
        const { pod: name, client: seen } = await callers.facts(pod('web-2'), url);
        assert.notEqual(name, 'web-2', 'itself would see its node, which has to stand between');
        assert.equal(seen, pod('web-2').podIP, 'Pods see who calls');
      });
    });

    test('a node port is answered on every node, and on the host', async () => {
      await service('node-port', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_007 }] });
      await eventually(async () => assert.deepEqual(await callers.pods('host', 'http://127.0.0.1:30007'), all));
      for (const address of ['172.18.0.2', '172.18.0.3', '172.18.0.4'])
        for (const place of ['lan', pod('web-1'), { node: 'node2' }] as const)
          assert.deepEqual(await callers.pods(place, `http://${address}:30007`), all, `${address} from ${place}`);
    });

    test('load balancers have addresses that the host can use at once, and may share a port number', async () => {
      const ports = [{ port: 8000, targetPort: 8080 }];
      for (const name of ['balanced-a', 'balanced-b']) await service(name, { type: 'LoadBalancer', ports });
      const urls = await Promise.all(['balanced-a', 'balanced-b'].map((name) => balancerUrl(name)));
      assert.equal(new Set(urls).size, 2);
      for (const url of urls) await eventually(async () => assert.deepEqual(await callers.pods('host', url), all));
      assert.match(
        await cluster.kubectl('get', 'service', 'balanced-a'),
        /LoadBalancer +10\.96\.\S+ +127\.18\.\S+ +8000:/,
      );
    });

    test('a load balancer keeps to the address that was asked for, and leaves other classes alone', async () => {
      const ports = [{ port: 8001, targetPort: 8080 }];
      await service('wished', { type: 'LoadBalancer', loadBalancerIP: '127.77.7.7', ports });
      assert.equal(await balancerUrl('wished'), 'http://127.77.7.7:8001');
      await service('foreign', { type: 'LoadBalancer', loadBalancerClass: 'example.com/other', ports });
      await eventually(async () => assert.match(await callers.get('host', 'http://127.77.7.7:8001'), /Hello/));
      const { status, metadata } = await client.resource('Service').get({ namespace: 'default', name: 'foreign' });
      assert.deepEqual([status?.loadBalancer, metadata.finalizers], [{}, undefined]);
    });

    // Root may open all of them.
    const asOrdinaryUser = way.surroundings.user === 'self' && process.getuid?.() === 0 ? () => undefined : test;
    asOrdinaryUser('a low port that is not permitted is replaced, which its status and an Event say', async () => {
      await service('low', { type: 'LoadBalancer', ports: [{ port: 81, targetPort: 8080 }] });
      await balancerUrl('low');
      const key = { namespace: 'default', name: 'low' };
      const { status } = await client.resource('Service').get(key);
      const [ingress] = status?.loadBalancer?.ingress ?? [];
      assert.deepEqual(ingress?.ports, [{ port: 81, protocol: 'TCP', error: 'skiff.dev/PortNotPermitted' }]);
      const message = await eventMessage('PortNotPermitted');
      const [, instead = ''] = /use (\S+) instead/.exec(message) ?? [];
      await eventually(async () => assert.deepEqual(await callers.pods('host', `http://${instead}`), all));
    });

    test('a load balancer takes clients from its source ranges only', async () => {
      const ports = [{ port: 8002, targetPort: 8080 }];
      const ranges = { loadBalancerSourceRanges: ['192.0.2.0/24'] };
      await service('guarded', { type: 'LoadBalancer', ports, ...ranges });
      const url = await balancerUrl('guarded');
      await eventually(async () => assert.equal(await callers.get('host', url), 'reset'));
      const wider = { spec: { loadBalancerSourceRanges: ['192.0.2.0/24', '127.0.0.0/8'] } };
      await client.resource('Service').patch({ namespace: 'default', name: 'guarded' }, wider, { type: 'merge' });
      await eventually(async () => assert.match(await callers.get('host', url), /Hello/));
    });

    test('a Local Service from outside is answered on the nodes of its Pods, which see the client', async () => {
      await run(web('solo', 'node2', { app: 'solo' }));
      const spec: Spec = { type: 'LoadBalancer', selector: { app: 'solo' }, externalTrafficPolicy: 'Local' };
      const made = await service('local', { ...spec, ports: [{ port: 8003, targetPort: 8080, nodePort: 30_008 }] });
      await eventually(async () => assert.deepEqual(await callers.pods('lan', 'http://172.18.0.3:30008'), ['solo']));
      // No Pod is on node1: refused only until it knows the Service.
      await eventually(async () =>
        assert.match(await callers.get('lan', 'http://172.18.0.2:30008'), /^(timeout|reset)$/),
      );
      assert.match(await callers.get({ node: 'node1' }, 'http://172.18.0.2:30008'), /Hello/, 'but all for its own');
      const url = await balancerUrl('local');
      for (const place of ['http://127.0.0.1:30008', url])
        await eventually(async () => assert.deepEqual(await callers.pods('host', place), ['solo']));
      if (way.keepsClientAddress) {
        assert.equal((await callers.facts('lan', 'http://172.18.0.3:30008')).client, '172.18.0.1');
        assert.equal((await callers.facts('host', url)).client, '172.18.255.254');
      }
      const health = (address: string) =>
        callers.get('lan', `http://${address}:${made.healthCheckNodePort}/healthz`, '--write-out', ' %{http_code}');
      assert.match(await health('172.18.0.3'), /"localEndpoints":1.* 200$/);
      assert.match(await health('172.18.0.2'), /"localEndpoints":0.* 503$/);
    });

    test('a load balancer leaves out a node that is excluded, and one that fails the health check', async () => {
      const local: Spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
      await service('everywhere', { ...local, ports: [{ port: 8006, targetPort: 8080, nodePort: 30_012 }] });
      const url = await balancerUrl('everywhere');
      await eventually(async () => assert.deepEqual(await callers.pods('host', url), all));
      const label = 'node.kubernetes.io/exclude-from-external-load-balancers';
      await cluster.kubectl('label', 'node', 'node2', `${label}=`);
      await eventually(async () => assert.deepEqual(await callers.pods('host', url), ['web-1', 'web-3']));
      assert.deepEqual(await callers.pods('lan', 'http://172.18.0.3:30012'), ['web-2'], 'its node port is served');
      await cluster.kubectl('label', 'node', 'node2', `${label}-`);
      await eventually(async () => assert.deepEqual(await callers.pods('host', url), all));

      const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 };
      for (const name of ['gated-1', 'gated-3'])
        await run(web(name, `node${name.at(-1)}`, { app: 'gated' }, { readinessProbe }));
      const selector = { app: 'gated' };
      await service('gated', { ...local, selector, ports: [{ port: 8007, targetPort: 8080 }] });
      const gated = await balancerUrl('gated');
      const become = (name: string, ...command: string[]) => cluster.kubectl('exec', name, '--', ...command);
      await eventually(async () => assert.equal(await callers.get('host', gated), 'refused'));
      await become('gated-1', 'touch', '/tmp/ready');
      await eventually(async () => assert.deepEqual(await callers.pods('host', gated), ['gated-1']));
      await become('gated-3', 'touch', '/tmp/ready');
      await eventually(async () => assert.deepEqual(await callers.pods('host', gated), ['gated-1', 'gated-3']));
      await become('gated-1', 'rm', '/tmp/ready');
      await eventually(async () => assert.deepEqual(await callers.pods('host', gated), ['gated-3']), {
        withinMs: 15_000,
      });
    });

    test('a Service with internal policy Local keeps to the Pods of its client’s node', async () => {
      const { url } = await service('internal', { internalTrafficPolicy: 'Local' });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-2'), url), ['web-2']));
      await eventually(async () => assert.deepEqual(await callers.pods({ node: 'node3' }, url), ['web-3']));
    });

    test('a Service prefers endpoints of the same node, or zone, where it is asked to', async () => {
      const { url } = await service('near', { trafficDistribution: 'PreferSameNode' });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-3'), url), ['web-3']));
      await cluster.kubectl('label', 'node', 'node1', 'node2', 'topology.kubernetes.io/zone=left');
      await cluster.kubectl('label', 'node', 'node3', 'topology.kubernetes.io/zone=right');
      for (const trafficDistribution of ['PreferSameZone', 'PreferClose']) {
        const zoned = await service(trafficDistribution.toLowerCase(), { trafficDistribution });
        await eventually(async () => assert.deepEqual(await callers.pods(pod('web-1'), zoned.url), ['web-1', 'web-2']));
        await eventually(async () => assert.deepEqual(await callers.pods(pod('web-3'), zoned.url), ['web-3']));
      }
    });

    test('a client with affinity stays with its Pod, on the host too', async () => {
      const sticky = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } } };
      const ports = [{ port: 80, targetPort: 8080, nodePort: 30_009 }];
      const { url } = await service('sticky', { type: 'NodePort', ports, ...sticky });
      const places: [Place, string][] = [
        [pod('web-1'), url],
        ['lan', 'http://172.18.0.2:30009'],
        ['host', 'http://127.0.0.1:30009'],
      ];
      for (const [place, target] of places)
        await eventually(async () => assert.equal((await callers.pods(place, target, 12)).length, 1, target));
    });

    test('ports have their own targets, by number and by name', async () => {
      await run(web('two-a', 'node1', { app: 'two' }));
      await run(web('two-b', 'node2', { app: 'two' }, { ports: [{ name: 'http', containerPort: 9090 }] }));
      const ports = [
        { name: 'by-name', port: 80, targetPort: 'http' },
        { name: 'by-number', port: 81, targetPort: 9090 },
      ];
      const { url } = await service('two', { selector: { app: 'two' }, ports });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-3'), url), ['two-a', 'two-b']));
      await eventually(async () => assert.match(await callers.get(pod('web-3'), `${url}:81`), /Hello/));
      const byNumber = new Set<string>();
      for (let call = 0; call < 12; call += 1)
        byNumber.add((await callers.get(pod('web-3'), `${url}:81`)).slice(0, 16));
      // A relay learns that nobody listens, and tries the other.
      const others = way.keepsClientAddress ? ['refused'] : [];
      assert.deepEqual([...byNumber].sort(), ['Hello from two-b', ...others]);
    });

    test('a Service without selector leads where its Endpoints, or its slices, say', async () => {
      const address = pod('web-2').podIP;
      const { url } = await service('own-endpoints', { selector: {} });
      const metadata = { name: 'own-endpoints', namespace: 'default' };
      const subsets = [{ addresses: [{ ip: address }], ports: [{ port: 8080 }] }];
      await client.resource('Endpoints').create({ metadata, subsets });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-1'), url), ['web-2']));

      const { url: sliced } = await service('own-slices', { selector: {} });
      await client.resource('EndpointSlice').create({
        metadata: { name: 'by-hand', namespace: 'default', labels: { 'kubernetes.io/service-name': 'own-slices' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [pod('web-3').podIP] }],
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-1'), sliced), ['web-3']));
    });

    test('Pods that are not ready answer only where the Service publishes them', async () => {
      await run(web('waiting', 'node1', { app: 'waiting' }, { readinessProbe: { tcpSocket: { port: 1 } } }));
      const { url } = await service('hidden', { selector: { app: 'waiting' } });
      const published = await service('published', { selector: { app: 'waiting' }, publishNotReadyAddresses: true });
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-1'), published.url), ['waiting']));
      assert.equal(await callers.get(pod('web-1'), url), 'refused');
    });

    test('a Pod that ends is called only while there is no other', async () => {
      const lifecycle = { preStop: { exec: { command: ['sleep', '6'] } } };
      const lingering = web('lingering', 'node1', { app: 'ending' }, { lifecycle });
      await run({ ...lingering, spec: { containers: [], ...lingering.spec, terminationGracePeriodSeconds: 8 } });
      const { url } = await service('ending', { selector: { app: 'ending' } });
      const spec: Spec = { type: 'LoadBalancer', selector: { app: 'ending' }, externalTrafficPolicy: 'Local' };
      await service('ending-local', { ...spec, ports: [{ port: 8009, targetPort: 8080, nodePort: 30_013 }] });
      const balancer = await balancerUrl('ending-local');
      for (const [place, target] of [
        [pod('web-2'), url],
        ['host', balancer],
      ] as const)
        await eventually(async () => assert.deepEqual(await callers.pods(place, target), ['lingering']));
      await client.resource('Pod').delete({ namespace: 'default', name: 'lingering' });
      await eventually(async () => {
        const { items } = await client.resource('EndpointSlice').list({ namespace: 'default' });
        const mine = items.find(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'ending');
        assert.deepEqual(mine?.endpoints?.[0]?.conditions, { ready: false, serving: true, terminating: true });
      });
      assert.deepEqual(await callers.pods(pod('web-2'), url), ['lingering']);
      // Its node fails the health check by now, so no load balancer sends there any more; who has come by then is served.
      await eventually(async () => assert.equal(await callers.get('host', balancer), 'refused'));
      assert.deepEqual(await callers.pods('lan', 'http://172.18.0.2:30013'), ['lingering']);
      await run(web('successor', 'node3', { app: 'ending' }));
      await eventually(async () => assert.deepEqual(await callers.pods(pod('web-2'), url), ['successor']));
    });

    test('external IPs are answered for those whose packets come to a node', async () => {
      const ports = [{ port: 8004, targetPort: 8080 }];
      await service('external', { externalIPs: ['172.18.0.3'], ports });
      await eventually(async () => assert.deepEqual(await callers.pods('lan', 'http://172.18.0.3:8004'), all));
    });

    test('a Service without endpoints refuses at once, everywhere', async () => {
      const spec: Spec = { type: 'LoadBalancer', selector: { app: 'nobody' } };
      const { url } = await service('empty', { ...spec, ports: [{ port: 8005, targetPort: 8080, nodePort: 30_010 }] });
      const balancer = await balancerUrl('empty');
      const calls: [Place, string][] = [
        [pod('web-1'), `${url}:8005`],
        [{ node: 'node2' }, `${url}:8005`],
        ['lan', 'http://172.18.0.2:30010'],
        ['host', 'http://127.0.0.1:30010'],
        ['host', balancer],
      ];
      for (const [place, target] of calls)
        await eventually(async () => assert.equal(await callers.get(place, target), 'refused', target));
    });

    test('UDP is carried, from Pods and from the host', async () => {
      const ports = [{ port: 5353, targetPort: 53, protocol: 'UDP', nodePort: 30_053 }];
      const made = await service(
        'names',
        { type: 'LoadBalancer', selector: { 'k8s-app': 'kube-dns' }, ports },
        'kube-system',
      );
      const balancer = new URL(await balancerUrl('names', 'kube-system')).hostname;
      const servers: [Place, string][] = [
        [pod('web-1'), `${made.clusterIP}:5353`],
        ['lan', '172.18.0.2:30053'],
        ['host', '127.0.0.1:30053'],
        ['host', `${balancer}:5353`],
      ];
      const ask = (server: string) => `
        const resolver = new dns.promises.Resolver({ timeout: 500, tries: 1 });
        resolver.setServers(['${server}']);
        resolver.resolve4('kubernetes.default.svc.cluster.local').then(console.log, (error) => console.log(error.code));`;
      for (const [place, server] of servers)
        await eventually(async () => {
          const { stdout } = await callers.run(place, [process.execPath, '-e', ask(server)]);
          assert.equal(stdout.trim(), "[ '10.96.0.1' ]", server);
        });
    });

    test('a node port that is in use on the host is told in an Event, and opened when it is free', async () => {
      const squatter = createServer().listen(30_011, '127.0.0.1');
      try {
        await service('squatted', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_011 }] });
        assert.match(
          await eventMessage('HostPortNotOpened'),
          /Port 30011\/TCP of the host's 127\.0\.0\.1 could not be opened: another program uses it/,
        );
        assert.deepEqual(await callers.pods('lan', 'http://172.18.0.2:30011'), all);
      } finally {
        squatter.close();
      }
      await eventually(async () => assert.deepEqual(await callers.pods('host', 'http://127.0.0.1:30011'), all));
    });

    test('the host reaches cluster IPs and names by a SOCKS5 proxy', async () => {
      await service('named', { clusterIP: '10.96.8.8' });
      const launcher = fileURLToPath(new URL('../../cluster/bin/skiff.js', import.meta.url));
      const flags = ['socks', '--data-dir', cluster.dataDir, '--port', '0'];
      const proxy = spawn(process.execPath, [launcher, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        const [line] = await once(createInterface(proxy.stdout), 'line');
        const [address] = /127\.0\.0\.1:\d+/.exec(line) ?? [];
        const through = ['--proxy', `socks5h://${address}`];
        for (const host of ['named', 'named.default', 'named.default.svc.cluster.local', '10.96.8.8'])
          await eventually(async () => assert.match(await callers.get('host', `http://${host}`, ...through), /Hello/));
      } finally {
        proxy.kill();
        await once(proxy, 'exit');
      }
    });

    async function service(
      name: string,
      spec: Spec,
      namespace = 'default',
    ): Promise<{ url: string; clusterIP: string; healthCheckNodePort: number | undefined }> {
      const made = await client.resource('Service').create({
        metadata: { name, namespace },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
      });
      const { clusterIP = '', healthCheckNodePort } = made.spec ?? {};
      return { url: `http://${clusterIP}`, clusterIP, healthCheckNodePort };
    }

    /** Starts a Pod and resolves when it runs. */
    async function run(wanted: Omit<Pod, 'apiVersion' | 'kind'>): Promise<void> {
      const pods = client.resource('Pod');
      const { name } = wanted.metadata;
      await pods.create(wanted);
      await eventually(
        async () => {
          const { status, spec } = await pods.get({ namespace: 'default', name });
          const runs = status?.containerStatuses?.every(({ started }) => started);
          assert.ok(status?.podIP && spec?.nodeName && runs, `${name} does not run yet: ${JSON.stringify(status)}`);
          places.set(name, { podIP: status.podIP, node: spec.nodeName });
        },
        { withinMs: 20_000 },
      );
    }

    async function balancerUrl(name: string, namespace = 'default'): Promise<string> {
      return eventually(async () => {
        const { spec, status } = await client.resource('Service').get({ namespace, name });
        const [ingress] = status?.loadBalancer?.ingress ?? [];
        assert.ok(ingress?.ip, 'it has no address yet');
        return `http://${ingress.ip}:${spec?.ports?.[0]?.port}`;
      });
    }

    async function eventMessage(reason: string): Promise<string> {
      return eventually(async () => {
        const { items } = await client.resource('Event').list({ namespace: 'default' });
        const found = items.find((event) => event.reason === reason);
        assert.ok(found?.message, `there is no Event ${reason} yet`);
        return found.message;
      });
    }
  });

type Container = NonNullable<Pod['spec']>['containers'][number];

/** Listens on the port that it is given, 8080 if none. */
function web(
  name: string,
  node: string,
  labels = { app: 'web' },
  more: Partial<Container> = {},
): Omit<Pod, 'apiVersion' | 'kind'> {
  const { ports = [{ name: 'http', containerPort: 8080 }], ...others } = more;
  const env = [{ name: 'PORT', value: String(ports[0]?.containerPort) }];
  return {
    metadata: { name, namespace: 'default', labels },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'my-app-image', env, ports, ...others }],
    },
  };
}
