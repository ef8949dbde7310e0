import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { Callers } from './callers.ts';

const asker = fileURLToPath(import.meta.resolve('./steady-asker.ts'));
const dnsPods = ['--namespace', 'kube-system', '--selector', 'k8s-app=kube-dns'];

for (const proxy of ['nftables', 'userspace'])
  suite(`the cluster's DNS, by way of ${proxy}`, () => {
    let cluster: ClusterUnderTest;
    let client: Client;
    let callers: Callers;

    before(async () => {
      cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '2', '--proxy', proxy);
      client = new Client({ server: `unix:${cluster.apiSocket}` });
      callers = await Callers.of(cluster);
    });
    after(async () => {
      client?.close();
      await cluster?.[Symbol.asyncDispose]();
    });

    test('a Pod finds Services by the names of its search path, Pods by theirs, and aliases', async () => {
      const services = client.resource('Service');
      const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
      const metadata = (name: string) => ({ name, namespace: 'default' });
      const web = await services.create({ metadata: metadata('web'), spec: { ports, clusterIP: '10.96.7.7' } });
      await services.create({
        metadata: metadata('alias'),
        spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
      });
      const selector = { app: 'named' };
      await services.create({ metadata: metadata('group'), spec: { ports, selector, clusterIP: 'None' } });
      const named = { subdomain: 'group', hostname: 'first', containers: [{ name: 'app', image: 'my-app-image' }] };
      const pods = client.resource('Pod');
      await pods.create({ metadata: { ...metadata('named'), labels: selector }, spec: named });
      const podIP = await eventually(
        async () => {
          const { items } = await client.resource('EndpointSlice').list({ namespace: 'default' });
          const endpoints = items.flatMap(({ endpoints }) => endpoints ?? []);
          assert.ok(endpoints.some(({ conditions, hostname }) => conditions?.ready && hostname === 'first'));
          const { status } = await pods.get(metadata('named'));
          assert.ok(status?.podIP);
          return status.podIP;
        },
        { withinMs: 20_000 },
      );
      const expected: [name: string, address: string][] = [
        ['web', '10.96.7.7'],
        ['web.default', '10.96.7.7'],
        ['WEB.default.svc.cluster.local', '10.96.7.7'],
        ['kube-dns.kube-system.svc', '10.96.0.10'],
        ['alias', '10.96.7.7'],
        ['group', podIP],
        ['first.group', podIP],
        [`${podIP.replaceAll('.', '-')}.default.pod`, podIP],
        ['nothing-here', ''],
      ];
      const script = expected
        .map(([name]) => `getent ahostsv4 ${name} | { read -r a rest; echo "${name} $a"; }`)
        .join('\n');
      const looker = { name: 'looker', image: 'busybox', command: ['sh', '-c', script] };
      await pods.create({ metadata: metadata('looker'), spec: { restartPolicy: 'Never', containers: [looker] } });
      await eventually(async () => assert.equal((await pods.get(metadata('looker'))).status?.phase, 'Succeeded'), {
        withinMs: 20_000,
      });
      const said = await cluster.kubectl('logs', 'looker');
      assert.deepEqual(
        said
          .trim()
          .split('\n')
          .map((line) => line.trim()),
        expected.map(([name, address]) => `${name} ${address}`.trim()),
      );
      assert.equal(web.spec?.clusterIP, '10.96.7.7');
    });

    test('no query is lost when a Pod of it is deleted, for a client that keeps its port', async () => {
      const [program = '', ...args] = await callers.argv({ node: 'node1' }, [
        process.execPath,
        asker,
        '10.96.0.10',
        'kubernetes.default.svc.cluster.local',
      ]);
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines: string[] = [];
      const said = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      await once(said, 'line');
      const before = await dnsPodNames();
      for (const pod of before) {
        await cluster.kubectl('delete', 'pod', '--namespace', 'kube-system', pod);
        await eventually(async () => {
          const names = await dnsPodNames();
          assert.ok(!names.includes(pod) && names.length === 2, `there are ${names}`);
        });
        await cluster.kubectl('rollout', 'status', 'deployment/coredns', '--namespace', 'kube-system', '--timeout=20s');
      }
      child.stdin.end();
      await once(child, 'exit');
      assert.deepEqual(lines, ['asking', '0 of many not answered']);
    });

    // What carries the queries makes no difference to the log.
    const byRules = proxy === 'nftables' ? test : () => undefined;
    byRules('its Pods log queries when the Corefile says so', async () => {
      const maps = client.resource('ConfigMap');
      const key = { namespace: 'kube-system', name: 'coredns' };
      const { data } = await maps.get(key);
      const corefile = data?.['Corefile']?.replace('errors', 'errors\n log') ?? '';
      await maps.patch(key, { data: { Corefile: corefile } }, { type: 'merge' });
      // New Pods read it at once; the others, when their volume has followed.
      await cluster.kubectl('delete', 'pod', ...dnsPods);
      await cluster.kubectl('rollout', 'status', 'deployment/coredns', '--namespace', 'kube-system', '--timeout=20s');
      const resolve = `const resolver = new dns.promises.Resolver({ timeout: 500 });
        resolver.setServers(['10.96.0.10']);
        resolver.resolve4('web.default.svc.cluster.local').then(console.log, console.log);`;
      await eventually(async () => {
        await callers.run({ node: 'node2' }, [process.execPath, '-e', resolve]);
        const logs = await cluster.kubectl('logs', ...dnsPods);
        assert.match(
          logs,
          // A Pod of its own node sees node2 by the address of the link to it.
          /\[INFO\] (172\.18\.0\.3|10\.244\.2\.1):\d+ - \d+ "A IN web\.default\.svc\.cluster\.local\. udp \d+ false \d+" NOERROR qr,aa,rd,ra \d+ /,
        );
      });
    });

    async function dnsPodNames(): Promise<string[]> {
      const text = await cluster.kubectl('get', 'pods', ...dnsPods, '--output', 'name');
      return text
        .trim()
        .split('\n')
        .map((name) => name.replace('pod/', ''));
    }
  });
