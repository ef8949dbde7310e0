import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { runOurs, type Told } from './both-kubectls.ts';

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - name: c
        image: my-app-image
        ports: [{name: http, containerPort: 8080}]
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, type: NodePort, ports: [{port: 80, targetPort: http}]}
`;

/** What breaks it, the link that must then be the first broken one, and what must be said to mend it. */
const breaks: { readonly name: string; readonly patch: object; readonly link: string; readonly mend: RegExp }[] = [
  {
    name: 'another label is asked for',
    patch: { selector: { app: 'shoe' } },
    link: 'selector',
    mend: /set selector service shop 'app=shop'/,
  },
  {
    name: 'a port has no such name',
    patch: { ports: [{ port: 80, targetPort: 'web' }] },
    link: 'target ports',
    mend: /"value":"http"/,
  },
  {
    name: 'nothing listens there',
    patch: { ports: [{ port: 80, targetPort: 8081 }] },
    link: 'listening',
    mend: /"value":8080/,
  },
];
const whole = { selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 'http' }] };

describe('skiff why, of a real cluster', () => {
  let cluster: ClusterUnderTest;
  const run = (...args: string[]): Promise<Told> => runOurs(['--kubeconfig', cluster.kubeconfig, ...args]);
  const patch = async (spec: object): Promise<void> => {
    const told = await cluster.kubectl('patch', 'service', 'shop', '--type=merge', '-p', JSON.stringify({ spec }));
    assert.match(told, /patched/);
  };

  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '2', '--no-merge-kubeconfig');
    const applied = await runOurs(['--kubeconfig', cluster.kubeconfig, 'apply', '-f', '-'], { stdin: manifest });
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal((await run('rollout', 'status', 'deployment/shop', '--timeout=60s')).code, 0);
    const dns = await run('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');
    assert.equal(dns.code, 0, dns.stderr);
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  it('finds every link of a Service that works to be so, and names the Pods that answer', async () => {
    // The nodes may be a moment behind.
    const { stdout } = await eventually(async () => {
      const told = await run('why', 'service/shop');
      assert.equal(told.code, 0, told.stdout);
      return told;
    });
    assert.match(stdout, /OK +listening +2 Pods listen on http/);
    assert.match(stdout, /OK +data plane +programmed on all 2 nodes/);
    assert.match(stdout, /OK +name +shop\.default\.svc\.cluster\.local is 10\.96\.\d+\.\d+, say 2 DNS Pods/);
    assert.match(
      stdout,
      /OK +cluster IP +10\.96\.\d+\.\d+ from 2 nodes answers: HTTP\/1\.1 200 OK, from shop-\S+, shop-\S+ /,
    );
    assert.match(stdout, /OK +node port +127\.0\.0\.1:\d+ answers/);
    assert.match(stdout, /service default\/shop works\.\n$/);
  });

  for (const { name, patch: change, link, mend } of breaks) {
    it(`names the first broken link where ${name}`, async () => {
      await patch(change);
      try {
        const { code, stdout } = await run('why', 'service/shop');
        assert.equal(code, 1, stdout);
        assert.ok(stdout.includes(`The first broken link of service default/shop is "${link}"`), stdout);
        assert.match(stdout, mend);
      } finally {
        await patch(whole);
      }
    });
  }

  it('tells its findings as JSON, too', async () => {
    const { stdout } = await run('why', 'svc/nothing', '-o', 'json');
    const { service, links } = JSON.parse(stdout) as { service: string; links: { link: string; state: string }[] }; // our own form
    assert.equal(service, 'nothing');
    assert.deepEqual({ link: links[0]?.link, state: links[0]?.state }, { link: 'service', state: 'broken' });
  });

  it('knows that what speaks TLS is asked so', async () => {
    const { stdout } = await run('why', 'service/kubernetes');
    assert.match(stdout, /OK +cluster IP +10\.96\.0\.1 from 2 nodes answers: TLSv1\.3 certificate of/);
  });

  it('asks what speaks DNS a question, over UDP and TCP, so that nothing of the DNS stays unknown', async () => {
    const { stdout } = await eventually(async () => {
      const told = await run('why', 'service/kube-dns', '-n', 'kube-system');
      assert.equal(told.code, 0, told.stdout);
      return told;
    });
    assert.match(stdout, /OK +cluster IP +10\.96\.0\.10 from 2 nodes answers: DNS NOERROR, 10\.96\.0\.1 /);
    assert.match(stdout, /service kube-system\/kube-dns works\.\n$/);
  });
});
