import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Deployment, Event, Pod } from '@skiff/api/types';
import type { ConnectionTrial } from '../../try-connection.ts';
import { type Followed, follow } from './follow.ts';
import { links } from './links.ts';
import { parseSockets } from './proc-net.ts';
import { conclusionText } from './report.ts';
import { answered, healthyAnswers, healthyWorld, podNamed, serviceOf, sliceOf } from './testing/world.ts';
import type { State } from './verdict.ts';
import type { Questions, World } from './world.ts';

interface Case {
  readonly world: World;
  readonly link: string;
  readonly state: State;
  readonly says: RegExp;
  /** Found in the evidence. */
  readonly evidence?: RegExp;
  readonly mend?: string;
}

const selecting = (selector: Record<string, string>): Pick<World, 'service'> => ({ service: serviceOf({ selector }) });
const asking = (ask: Partial<Questions>): World => healthyWorld({ ask });
const fails = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};
const nodePort = serviceOf({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30007 }] });
const balancer = (status: object): World => {
  const service = serviceOf({ type: 'LoadBalancer' }, { loadBalancer: status });
  return healthyWorld({ service });
};
const deployment = (replicas: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } },
  },
});
const crashing: Pod = {
  ...podNamed('web-1', { ready: false }),
  status: {
    phase: 'Running',
    podIP: '10.244.1.1',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        name: 'c',
        image: 'i',
        imageID: '',
        ready: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 7 } },
      },
    ],
  },
};
const event = (name: string, reason: string, message: string): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.1`, namespace: 'default' },
  involvedObject: { kind: 'Service', name },
  reason,
  message,
});
const patch8080 = `kubectl patch service web --type=json -p '[{"op":"replace","path":"/spec/ports/0/targetPort","value":8080}]'`;

/** Its only port speaks DNS; whoever asks it otherwise is told a lie. */
function dnsWorld(trial: ConnectionTrial): World {
  const endpoints = ['10.244.1.1:53', '10.244.2.1:53'];
  const programmed = { name: 'default/web:dns', clusterIP: '10.96.0.5', port: 53, protocol: 'UDP', endpoints };
  return healthyWorld({
    service: serviceOf({ ports: [{ name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' }] }),
    slices: [{ ...sliceOf(['10.244.1.1', '10.244.2.1']), ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] }],
    ask: {
      listeners: async () => [{ protocol: 'UDP', address: '0.0.0.0', port: 53 }],
      programmed: async () => ({ mode: 'nftables', services: [programmed] }),
      connectFrom: async (_node, { dns }) => (dns === 'UDP' ? trial : answered),
    },
  });
}

const cases: Record<string, Case> = {
  'a Service that is not there, by the one that is': {
    world: healthyWorld({ name: 'wep', service: undefined }),
    link: 'service',
    state: 'broken',
    says: /there is none in namespace default/,
    evidence: /Services there: web/,
    mend: 'skiff why service/web',
  },
  'a Service of another namespace': {
    world: healthyWorld({
      service: undefined,
      services: [{ ...serviceOf(), metadata: { name: 'web', namespace: 'shop' } }],
    }),
    link: 'service',
    state: 'broken',
    says: /none/,
    evidence: /there is one of that name in shop/,
    mend: 'skiff why service/web -n shop',
  },
  'the label by which Pods almost match': {
    world: healthyWorld(selecting({ app: 'wep' })),
    link: 'selector',
    state: 'broken',
    says: /no Pod matches app=wep; pod\/web-1 almost does/,
    evidence: /pod\/web-1 has app=web; the Service wants app=wep/,
    mend: "kubectl set selector service web 'app=web'",
  },
  'a label that Pods lack': {
    world: healthyWorld(selecting({ app: 'web', tier: 'front' })),
    link: 'selector',
    state: 'broken',
    says: /almost/,
    evidence: /pod\/web-1 has no label tier; the Service wants tier=front/,
    mend: "kubectl set selector service web 'app=web'",
  },
  'a selector that nothing is like': {
    world: healthyWorld(selecting({ color: 'blue' })),
    link: 'selector',
    state: 'broken',
    says: /no Pod matches color=blue$/,
    mend: 'kubectl get pods --show-labels',
  },
  'a Deployment that is scaled to 0': {
    world: healthyWorld({ pods: [], slices: [], deployments: [deployment(0)] }),
    link: 'selector',
    state: 'broken',
    says: /deployment\/web makes such Pods, and is scaled to 0/,
    mend: 'kubectl scale deployment/web --replicas=1',
  },
  'a Service without a selector and without endpoints': {
    world: healthyWorld({ ...selecting({}), slices: [] }),
    link: 'selector',
    state: 'broken',
    says: /no selector/,
    mend: 'kubectl set selector service web app=web',
  },
  'why no Pod is Ready': {
    world: healthyWorld({ pods: [crashing], slices: [] }),
    link: 'pods',
    state: 'broken',
    says: /0 of 1 Pod Ready/,
    evidence: /container c crashes: it ended with 7, 3 restarts/,
    mend: 'kubectl logs web-1 -c c --previous',
  },
  'that one Pod of two is not Ready': {
    world: healthyWorld({
      pods: [crashing, podNamed('web-2', { ip: '10.244.2.1' })],
      slices: [sliceOf(['10.244.2.1'])],
    }),
    link: 'pods',
    state: 'warning',
    says: /1 of 2 Pods Ready/,
  },
  'a port name that no container has': {
    world: healthyWorld({ service: serviceOf({ ports: [{ port: 80, targetPort: 'web' }] }) }),
    link: 'target ports',
    state: 'broken',
    says: /no port named "web"/,
    evidence: /http 8080\/TCP/,
    mend: patch8080.replace('8080', '"http"'),
  },
  'a port on which nothing listens': {
    world: healthyWorld({ service: serviceOf({ ports: [{ port: 80, targetPort: 9090 }] }) }),
    link: 'listening',
    state: 'broken',
    says: /nothing listens on 9090\/TCP in pod\/web-1/,
    evidence: /it listens on 8080\/TCP/,
    mend: patch8080,
  },
  'a program that listens on loopback only': {
    world: asking({ listeners: async () => [{ protocol: 'TCP', address: '127.0.0.1', port: 8080 }] }),
    link: 'listening',
    state: 'broken',
    says: /at loopback only/,
    evidence: /127\.0\.0\.1:8080/,
  },
  'a Pod on the network of its machine: the node tries': {
    world: {
      ...asking({ listeners: fails('must not be asked') }),
      pods: [podNamed('web-1', { ip: '127.100.1.1' }), podNamed('web-2', { ip: '127.100.2.1', node: 'node2' })],
    },
    link: 'listening',
    state: 'ok',
    says: /2 Pods listen on 8080/,
  },
  'nothing that could not be asked: the node tries instead': {
    world: asking({ listeners: fails('no cat') }),
    link: 'listening',
    state: 'ok',
    says: /2 Pods listen on 8080/,
  },
  'what can be asked neither of the Pod nor of the node as unknown': {
    world: asking({ listeners: fails('no cat'), connectFrom: fails('no agent') }),
    link: 'listening',
    state: 'unknown',
    says: /could not be asked: no cat/,
    evidence: /nor could its node: no agent/,
  },
  'a Ready Pod that no EndpointSlice has': {
    world: healthyWorld({ slices: [sliceOf(['10.244.1.1'])] }),
    link: 'endpoint slices',
    state: 'broken',
    says: /1 Ready Pod missing/,
    evidence: /pod\/web-2 is not there as 80\/TCP 10\.244\.2\.1:8080/,
  },
  'an endpoint that no Pod has': {
    world: healthyWorld({ slices: [sliceOf(['10.244.1.1', '10.244.2.1', '10.244.9.9'])] }),
    link: 'endpoint slices',
    state: 'warning',
    says: /1 address that no Ready Pod has/,
    evidence: /10\.244\.9\.9/,
  },
  'a node that has not programmed it': {
    world: asking({
      programmed: async (node) =>
        node.metadata.name === 'node2' ? { mode: 'nftables', services: [] } : healthyAnswers.programmed(node),
    }),
    link: 'data plane',
    state: 'broken',
    says: /node node2 has not programmed port 80\/TCP/,
  },
  'a node that sends to too few': {
    world: asking({
      programmed: async () => ({
        mode: 'nftables',
        services: [
          { name: 'default/web', clusterIP: '10.96.0.5', port: 80, protocol: 'TCP', endpoints: ['10.244.1.1:8080'] },
        ],
      }),
    }),
    link: 'data plane',
    state: 'broken',
    says: /does not send to 10\.244\.2\.1:8080/,
  },
  'a node that can not be asked': {
    world: asking({ programmed: fails('nobody there') }),
    link: 'data plane',
    state: 'unknown',
    says: /could not be asked: nobody there/,
  },
  'a name that does not resolve': {
    world: asking({ resolve: async () => ({ code: 'NXDOMAIN', answers: [] }) }),
    link: 'name',
    state: 'broken',
    says: /answers NXDOMAIN to web\.default\.svc\.cluster\.local/,
  },
  'a name that resolves to another address': {
    world: asking({ resolve: async () => ({ code: 'NOERROR', answers: ['10.96.0.9'] }) }),
    link: 'name',
    state: 'broken',
    says: /is 10\.96\.0\.9, not 10\.96\.0\.5/,
  },
  'that no DNS Pod is Ready': {
    world: healthyWorld({ dnsPods: [podNamed('coredns-1', { ready: false })] }),
    link: 'name',
    state: 'broken',
    says: /no DNS Pod is Ready/,
  },
  'a cluster without DNS Pods as unknown': {
    world: healthyWorld({ dnsPods: [] }),
    link: 'name',
    state: 'unknown',
    says: /no DNS Pods/,
  },
  'a refused connection': {
    world: asking({
      connectFrom: async () => ({ connected: false, ms: 1, error: 'connect ECONNREFUSED 10.96.0.5:80' }),
    }),
    link: 'cluster IP',
    state: 'broken',
    says: /10\.96\.0\.5:80 from node node1: no connection/,
    evidence: /ECONNREFUSED/,
  },
  'a connection that says nothing as unknown': {
    world: asking({ connectFrom: async () => ({ connected: true, ms: 1 }) }),
    link: 'cluster IP',
    state: 'unknown',
    says: /says nothing/,
  },
  'a UDP port as unknown': {
    world: healthyWorld({ service: serviceOf({ ports: [{ port: 80, targetPort: 8080, protocol: 'UDP' }] }) }),
    link: 'cluster IP',
    state: 'unknown',
    says: /not looked at|UDP has no handshake/,
  },
  'a UDP port that is asked as DNS, and answers': {
    world: dnsWorld({ connected: true, ms: 1, answer: 'DNS NOERROR, 10.96.0.1' }),
    link: 'cluster IP',
    state: 'ok',
    says: /answers: DNS NOERROR, 10\.96\.0\.1 /,
  },
  'a UDP port that is asked as DNS, and does not': {
    world: dnsWorld({ connected: false, ms: 1, error: 'no answer came in time' }),
    link: 'cluster IP',
    state: 'broken',
    says: /10\.96\.0\.5:53 from node node1: no connection/,
    evidence: /no answer came in time/,
  },
  'a node port that the host does not answer': {
    world: healthyWorld({
      service: nodePort,
      events: [event('web', 'HostPortNotOpened', 'Port 30007/TCP could not be opened')],
      ask: { connectFromHere: async () => ({ connected: false, ms: 1, error: 'refused' }) },
    }),
    link: 'node port',
    state: 'broken',
    says: /127\.0\.0\.1:30007: no connection/,
    evidence: /could not be opened/,
  },
  'a node port of the host that another program answers as unknown': {
    world: healthyWorld({
      service: nodePort,
      events: [event('web', 'HostPortNotOpened', 'Port 30007/TCP could not be opened')],
      ask: { connectFromHere: async () => ({ ...answered, answer: 'HTTP/1.1 200 OK\r\n\r\nsomebody' }) },
    }),
    link: 'node port',
    state: 'unknown',
    says: /another program/,
  },
  'a load balancer without an address': {
    world: { ...balancer({}), events: [event('web', 'SyncLoadBalancerFailed', 'no address is free')] },
    link: 'load balancer',
    state: 'broken',
    says: /pending/,
    evidence: /no address is free/,
  },
  'a load balancer whose port could not be opened': {
    world: balancer({ ingress: [{ ip: '127.0.0.9', ports: [{ port: 80, protocol: 'TCP', error: 'NotPermitted' }] }] }),
    link: 'load balancer',
    state: 'broken',
    says: /127\.0\.0\.9:80 could not be opened: NotPermitted/,
  },
  'the Pod that answers': {
    world: balancer({ ingress: [{ ip: '127.0.0.9' }] }),
    link: 'load balancer',
    state: 'ok',
    says: /127\.0\.0\.9:80 answers: HTTP\/1\.1 200 OK, from web-1/,
  },
};

const followed = (world: World): Promise<Followed[]> => Array.fromAsync(follow(links, world));

describe('why tells', () => {
  for (const [name, { world, link, state, says, evidence, mend }] of Object.entries(cases)) {
    it(name, async () => {
      const all = await followed(world);
      const found = all.find((one) => one.link === link);
      assert.ok(found, `${link} is no link of ${all.map((one) => one.link).join(', ')}`);
      assert.equal(found.state, state, found.says);
      assert.match(found.says, says);
      if (evidence) assert.match((found.evidence ?? []).join('\n'), evidence);
      if (mend) assert.ok(found.mend?.includes(mend), `${mend} is not among:\n${found.mend?.join('\n')}`);
      if (state === 'broken')
        assert.equal(all.find((one) => one.state === 'broken')?.link, link, 'the first broken link');
    });
  }
});

describe('every link', () => {
  const world = healthyWorld({
    service: {
      ...nodePort,
      spec: { ...nodePort.spec, type: 'LoadBalancer' },
      status: { loadBalancer: { ingress: [{ ip: '127.0.0.9' }] } },
    },
  });

  it('is OK where everything is as it should be', async () => {
    const all = await followed(world);
    assert.deepEqual(
      all.map(({ link, state, says }) => (state === 'ok' ? link : `${link} ${state}: ${says}`)),
      links.map(({ name }) => name),
    );
    assert.equal(conclusionText(all, 'service default/web'), '\nservice default/web works.\n');
  });

  it('is tested broken', () => {
    const tested = new Set(
      Object.values(cases)
        .filter(({ state }) => state === 'broken')
        .map(({ link }) => link),
    );
    assert.deepEqual(
      links.map(({ name }) => name).filter((name) => !tested.has(name)),
      [],
    );
  });

  it('behind a broken one that it needs is unknown, and says so', async () => {
    const all = await followed(healthyWorld(selecting({ app: 'wep' })));
    const behind = all.filter(({ state }) => state === 'unknown').map(({ link, says }) => `${link}: ${says}`);
    assert.deepEqual(behind, [
      'pods: not looked at: selector is broken',
      'target ports: not looked at: selector is broken',
      'listening: not looked at: selector is broken',
      'endpoint slices: not looked at: selector is broken',
      'cluster IP: not looked at: selector is broken',
    ]);
    assert.match(conclusionText(all, 'x'), /The first broken link of x is "selector"/);
  });
});

it('a Service without a cluster IP, or for another name, has fewer links', async () => {
  const names = async (world: World): Promise<string[]> => (await followed(world)).map(({ link }) => link);
  const headless = healthyWorld({
    service: serviceOf({ clusterIP: 'None' }),
    ask: { resolve: async () => ({ code: 'NOERROR', answers: ['10.244.2.1', '10.244.1.1'] }) },
  });
  assert.deepEqual(await names(headless), [
    'service',
    'selector',
    'pods',
    'target ports',
    'listening',
    'endpoint slices',
    'name',
  ]);
  const { clusterIP: _, selector: __, ports: ___, ...spec } = serviceOf().spec ?? {};
  const external = healthyWorld({
    service: { ...serviceOf(), spec: { ...spec, type: 'ExternalName', externalName: 'example.com' } },
    ask: { resolve: async () => ({ code: 'NOERROR', answers: ['example.com.'] }) },
  });
  assert.deepEqual(await names(external), ['service', 'name']);
  assert.deepEqual(
    (await followed(external)).map(({ state }) => state),
    ['ok', 'ok'],
  );
});

it('sockets that listen are read from what the kernel shows', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
   9: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 5 2 0 0
`;
  assert.deepEqual(parseSockets(text), [
    { protocol: 'TCP', address: '127.0.0.1', port: 8080 },
    { protocol: 'TCP', address: '::', port: 80 },
    { protocol: 'TCP', address: '::1', port: 81 },
    { protocol: 'UDP', address: '0.0.0.0', port: 53 },
  ]);
});
