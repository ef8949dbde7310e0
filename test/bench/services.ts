import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { Callers } from '../services/callers.ts';
import { type Benchmark, type Figure, inParallel, percentile } from './benchmark.ts';
import type { Seen, Wait } from './service-prober.ts';

const namespace = 'default';
/** Three addresses of node1, so that its prober answers for every endpoint. The last one is there while Pods are. */
const addresses = ['172.18.0.2', '172.18.255.254', '10.244.1.1'];
const backends = [9001, 9002] as const;
const CHANGES = 100;
const REQUESTS = 4000;
const NODE_PORT = 31_990;
const labels = { app: 'bench-web' };
const web = {
  metadata: { name: 'bench-web', namespace, labels },
  spec: { nodeName: 'node1', containers: [{ name: 'app', image: 'my-app-image' }] },
};

/** How soon connections follow a change of endpoints, and how fast the host's way into the cluster is. */
export const services: Benchmark = {
  name: 'Services',
  async run() {
    await using under = new ClusterUnderTest();
    const { code, stderr } = await under.skiff('up', '--api-port', '0');
    if (code !== 0) throw new Error(stderr);
    using client = under.client();
    const callers = await Callers.of(under);
    await client.resource('Pod').create(web);
    await eventually(async () => {
      const { status } = await client.resource('Pod').get({ namespace, name: web.metadata.name });
      assert.equal(status?.phase, 'Running');
    });
    const prober = await startProber(callers);
    try {
      const few = await follow(client, { prober, services: 100 });
      const many = await follow(client, { prober, services: 1000 });
      return [
        { what: 'endpoint change to packets, 100 Services, p99', value: few, unit: 'ms', target: 50 },
        { what: 'endpoint change to packets, 1,000 Services, p99', value: many, unit: 'ms', target: 150 },
        ...(await nodePort(client)),
      ];
    } finally {
      prober.disconnect();
    }
  },
};

async function startProber(callers: Callers): Promise<ChildProcess> {
  const program = [process.execPath, new URL('./service-prober.ts', import.meta.url).pathname, ...backends.map(String)];
  const [command = '', ...args] = await callers.argv({ node: 'node1' }, program);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

/** Makes so many Services of three endpoints, then changes the endpoints of one after the other. */
async function follow(client: Client, options: { prober: ChildProcess; services: number }): Promise<number> {
  const { prober, services: count } = options;
  const names = Array.from({ length: count }, (_, index) => `bench-${count}-${index}`);
  const ips = new Map<string, string>();
  await inParallel(count, {
    connections: 16,
    async work(index) {
      const name = names[index] ?? '';
      const ports = [{ port: 80, targetPort: backends[0] }];
      const made = await client.resource('Service').create({ metadata: { name, namespace }, spec: { ports } });
      ips.set(name, made.spec?.clusterIP ?? '');
      await client.resource('EndpointSlice').create({
        metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        endpoints: addresses.map((address) => ({ addresses: [address], nodeName: 'node1' })),
        ports: [{ name: '', port: backends[0], protocol: 'TCP' }],
      });
    },
  });
  const see = (name: string, until: number): Promise<number> => {
    const wait: Wait = { ip: ips.get(name) ?? '', port: 80, until };
    const seen = once(prober, 'message');
    prober.send(wait);
    return seen.then(([message]) => (message as Seen).at); // sent by service-prober.ts
  };
  await see(names.at(-1) ?? '', backends[0]);
  const times: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    // There and back again, each with another Service.
    const name = names[(change >> 1) % count] ?? '';
    const port = backends[change % 2 === 0 ? 1 : 0];
    const followed = see(name, port);
    const at = performance.timeOrigin + performance.now();
    await client.resource('EndpointSlice').patch({ namespace, name }, { ports: [{ name: '', port, protocol: 'TCP' }] });
    times.push((await followed) - at);
  }
  return percentile(times, 0.99);
}

/** The same program behind a node port, and on plain loopback. */
async function nodePort(client: Client): Promise<Figure[]> {
  await client.resource('Service').create({
    metadata: { name: 'bench-web', namespace },
    spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }] },
  });
  const env = { ...process.env, PORT: '0', HOST: '127.0.0.1' };
  const program = new URL('../../node-agent/programs/my-app-image.mjs', import.meta.url).pathname;
  const plain = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(plain.stdout, 'data');
    const port = Number(/(\d+)\s*$/.exec(String(line))?.[1]);
    await eventually(async () => void (await requests(NODE_PORT, 1)));
    const [direct, through] = [await requests(port, REQUESTS), await requests(NODE_PORT, REQUESTS)];
    return [
      { what: 'requests to a server on plain loopback', value: direct, unit: '/s' },
      { what: 'the same behind a node port', value: through, unit: '/s', target: Math.round(direct / 3) },
    ];
  } finally {
    plain.kill();
  }
}

/** Requests a second on 32 connections that are kept. */
async function requests(port: number, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const began = performance.now();
  await inParallel(count, {
    connections: 32,
    work: () =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      }),
  });
  agent.destroy();
  return (count / (performance.now() - began)) * 1000;
}
