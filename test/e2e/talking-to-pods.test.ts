import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Exec, KubeConfig, PortForward } from '@kubernetes/client-node';
import { ClusterUnderTest, type Surroundings } from './cluster-under-test.ts';

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec:
  containers:
    - { name: app, image: my-app-image, ports: [{ containerPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: two }
spec:
  containers:
    - name: talks
      image: busybox
      command: [sh, -c, 'echo first; sleep 0.2; echo second >&2; sleep 1000']
    - { name: silent, image: busybox, command: [sleep, '1000'] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;

/** Everything with which people talk to their Pods, by the real kubectl and by client-node. */
function testTalking(title: string, surroundings: Surroundings, ...flags: string[]): void {
  describe(title, { timeout: 120_000 }, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await ClusterUnderTest.up(surroundings, '--nodes', '1', ...flags);
      const file = join(cluster.dataDir, 'talk.yaml');
      await cluster.run('sh', ['-c', 'printf %s "$0" >"$1"', manifest, file]);
      await cluster.kubectl('apply', '-f', file);
      await cluster.kubectl('wait', '--for=condition=Ready', 'pod/web', 'pod/two', '--timeout=30s');
    });
    after(() => cluster[Symbol.asyncDispose]());

    const kubectl = (command: string, env: Record<string, string> = {}) =>
      cluster.run('sh', ['-c', command.replaceAll('kubectl ', `kubectl --kubeconfig ${cluster.kubeconfig} `)], env);

    for (const [protocol, webSockets] of [
      ['WebSockets', 'true'],
      ['SPDY', 'false'],
    ] as const) {
      const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets, KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets };

      test(`kubectl exec over ${protocol}: output, input, exit codes, a terminal`, async () => {
        const outcomes: Record<string, [code: number, stdout: string, stderr?: RegExp]> = {
          'kubectl exec web -- echo hello': [0, 'hello\n'],
          'kubectl exec two -c talks -- sh -c "echo out; echo err >&2; exit 3"': [3, 'out\n', /err\n.*exit code 3/],
          'echo words | kubectl exec -i web -- tr a-z A-Z': [0, 'WORDS\n'],
          'head -c 3000000 /dev/zero | kubectl exec -i web -- wc -c': [0, '3000000\n'],
          'kubectl exec web -- head -c 3000000 /dev/zero | wc -c': [0, '3000000\n'],
          'kubectl exec two -c other -- ls': [1, '', /container other is not valid for pod two/],
        };
        for (const [command, [code, stdout, stderr]] of Object.entries(outcomes)) {
          const outcome = await kubectl(command, env);
          assert.deepEqual([outcome.code, outcome.stdout], [code, stdout], `${command}: ${outcome.stderr}`);
          if (stderr) assert.match(outcome.stderr, stderr);
        }
        const terminal =
          'stty rows 33 cols 99; kubectl exec -it web -- sh -c "until stty size | grep 33.99; do sleep 0.05; done; test -t 0 && exit 4"';
        const { code, stdout } = await cluster.run('script', ['-qefc', withKubeconfig(terminal), '/dev/null'], env);
        assert.equal(code, 4, stdout);
        assert.match(stdout, /33 99\r\n/);
      });

      test(`kubectl port-forward over ${protocol}, to a Pod and to a Service`, async () => {
        for (const [what, port] of [
          ['pod/web', '8080'],
          ['service/web', '80'],
        ] as const) {
          const child = spawn(
            'kubectl',
            ['--kubeconfig', cluster.kubeconfig, 'port-forward', what, `:${port}`, '--address', '127.0.0.1'],
            { env: { ...process.env, ...env } },
          );
          const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
          const url = `http://${/127.0.0.1:\d+/.exec(line)?.[0]}`;
          for (let time = 0; time < 3; time++) assert.match(await (await fetch(url)).text(), /Hello from web/);
          child.kill();
          await once(child, 'close');
        }
      });
    }

    const withKubeconfig = (command: string): string =>
      command.replaceAll('kubectl ', `kubectl --kubeconfig ${cluster.kubeconfig} `);

    test('kubectl run -i, attach and cp', async () => {
      const run = await kubectl('echo words | kubectl run -i --rm once --image=busybox --restart=Never -- cat');
      assert.match(run.stdout, /^words\n/, run.stderr);
      writeFileSync(join(cluster.dataDir, 'sent'), 'some text\n');
      const copied = await kubectl(
        `cd ${cluster.dataDir} && kubectl cp sent two:/tmp/there -c silent && kubectl cp two:/tmp/there back -c silent`,
      );
      assert.equal(copied.code, 0, copied.stderr);
      assert.equal(readFileSync(join(cluster.dataDir, 'back'), 'utf8'), 'some text\n');
    });

    test('kubectl logs, as its flags ask', async () => {
      const shown: Record<string, RegExp> = {
        'kubectl logs two -c talks': /^first\nsecond\n$/,
        'kubectl logs two --all-containers --prefix': /^\[pod\/two\/talks\] first\n\[pod\/two\/talks\] second\n$/,
        'kubectl logs two -c talks --tail=1': /^second\n$/,
        'kubectl logs two -c talks --timestamps --limit-bytes=25': /^\d{4}-\d\d-\d\dT\S{14}/,
        'kubectl logs two -c talks --since=1h': /^first\nsecond\n$/,
        'kubectl logs -f web --since=1h & sleep 0.5; kill $!': /listens/,
      };
      for (const [command, expected] of Object.entries(shown)) assert.match((await kubectl(command)).stdout, expected);
      const previous = await kubectl('kubectl logs two -c talks --previous');
      assert.match(previous.stderr, /previous terminated container "talks" in pod "two" not found/);
    });

    test('the proxies to Pods, Services and nodes', async () => {
      const ns = '/api/v1/namespaces/default';
      for (const path of [`${ns}/pods/web:8080/proxy/a?b=c`, `${ns}/services/web:80/proxy/a?b=c`]) {
        const answer = JSON.parse((await kubectl(`kubectl get --raw '${path}'`)).stdout);
        assert.deepEqual([answer.pod, answer.path], ['web', '/a?b=c']);
      }
      assert.equal((await kubectl('kubectl get --raw /api/v1/nodes/node1/proxy/healthz')).stdout, 'ok');
    });

    test('client-node runs commands and forwards ports', async () => {
      const config = new KubeConfig();
      config.loadFromString(readFileSync(cluster.kubeconfig, 'utf8'));
      const stdout = new PassThrough();
      const said = text(stdout);
      const status = await new Promise((resolve, reject) => {
        const exec = new Exec(config);
        exec
          .exec('default', 'web', 'app', ['sh', '-c', 'echo out; exit 2'], stdout, null, null, false, resolve)
          .catch(reject);
      });
      stdout.end();
      assert.equal(await said, 'out\n');
      assert.equal((status as { reason: string }).reason, 'NonZeroExitCode'); // a V1Status
      const forward = new PortForward(config);
      const server = net.createServer((socket) => {
        void forward.portForward('default', 'web', [8080], socket, null, socket);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as net.AddressInfo; // it listens on TCP
      const socket = net.connect(port, '127.0.0.1');
      socket.write('GET / HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n');
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      for (let tries = 0; !answer.includes('Hello from web') && tries < 200; tries++) await delay(20);
      assert.match(answer, /Hello from web/);
      socket.destroy();
      server.close();
    });
  });
}

testTalking('as whoever runs the tests, with crun', { user: 'self' });
testTalking('as an ordinary user, with namespaces alone', { user: 'ordinary', without: ['crun'] });
testTalking('where namespaces are refused', { user: 'ordinary', contained: true });
