import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { isOnPath } from '@skiff/cluster/network/preflight';
import { ClusterUnderTest } from './cluster-under-test.ts';
import { seen } from './requests.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');
const skip = isOnPath('kubectl') ? false : 'kubectl is not on the PATH';

suite('the real kubectl', { skip }, () => {
  let cluster: ClusterUnderTest;
  const kubectl = (line: string): Promise<string> => cluster.kubectl(...line.split(' '));

  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'self' });
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('applies the examples, once and again, without a word too much', async () => {
    const said = await kubectl(`apply -f ${examples}/cluster-ip.yaml -f ${examples}/labels.yaml`);
    assert.deepEqual(said.trim().split('\n'), [
      'deployment.apps/hello created',
      'service/hello created',
      'service/blue-live created',
      'pod/blue-exact created',
      'pod/blue-more created',
      'pod/blue-draft created',
      'pod/red-live created',
    ]);
    assert.deepEqual((await kubectl(`apply -f ${examples}/cluster-ip.yaml`)).trim().split('\n'), [
      'deployment.apps/hello unchanged',
      'service/hello unchanged',
    ]);
    assert.equal(
      (await kubectl('rollout status deployment/hello --timeout=30s')).trim().split('\n').at(-1),
      'deployment "hello" successfully rolled out',
    );
  });

  test('applies what it has shown as a List, and says what is wrong in one', async () => {
    const file = join(cluster.dataDir, 'list.json');
    writeFileSync(file, await kubectl('get deployment,service -n kube-system -o json'));
    assert.match(
      await kubectl(`apply -f ${file}`),
      /deployment\.apps\/coredns configured\nservice\/kube-dns configured/,
    );
    const items = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: {} } }];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const wrong = /ValidationError\(Pod\.spec\.containers\): invalid type for .*: got "map", expected "array"/;
    await assert.rejects(kubectl(`apply -f ${file}`), wrong);
  });

  test('shows nodes, Pods, Services, Deployments and slices as tables', async () => {
    const nodes = (await kubectl('get nodes --no-headers')).trim().split('\n');
    assert.deepEqual(
      nodes.map((line) => line.split(/ +/).filter((_, column) => column !== 3)),
      ['node1', 'node2', 'node3'].map((name) => [name, 'Ready', '<none>', 'v1.36.0+skiff']),
    );
    const pods = (await kubectl('get pods -l app=hello --no-headers')).trim().split('\n');
    assert.deepEqual(
      pods.map((line) => line.split(/ +/).slice(1, 4).join(' ')),
      ['1/1 Running 0', '1/1 Running 0', '1/1 Running 0'],
    );
    assert.match(
      await kubectl('get svc hello'),
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nhello +ClusterIP +10\.96\.\d+\.\d+ +<none> +80\/TCP /,
    );
    assert.match(
      await kubectl('get deploy hello -o wide'),
      /\nhello +3\/3 +3 +3 +\S+ +web +my-app-image +app=hello\n$/,
    );
    const slices = await kubectl('get endpointslices -l kubernetes.io/service-name=hello');
    assert.match(slices, /^NAME +ADDRESSTYPE +PORTS +ENDPOINTS +AGE\nhello-\w+ +IPv4 +8080 +10\.244\.\d\.\d+,/);
  });

  test('describes what belongs together', async () => {
    assert.match(
      await kubectl('describe svc hello'),
      /\nEndpoints: +10\.244\.\d\.\d+:8080,10\.244\.\d\.\d+:8080,10\.244\.\d\.\d+:8080\n/,
    );
    const deployment = await kubectl('describe deploy hello');
    assert.match(deployment, /\nReplicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable\n/);
    assert.match(
      deployment,
      /ScalingReplicaSet +\S+ +deployment-controller +Scaled up replica set hello-\w+ from 0 to 3/,
    );
    assert.match(await kubectl('describe pod blue-exact'), /Normal +Started +\S+ +kubelet +/);
    assert.match(await kubectl('describe node node1'), /\n +Ready +True +/);
    assert.match(await kubectl('describe endpointslices'), /TargetRef: +Pod\/blue-exact/);
  });

  test('exposes a Deployment by a load balancer that answers', async () => {
    assert.equal(
      (await kubectl('expose deployment hello --type=LoadBalancer --name=other --port=80 --target-port=8080')).trim(),
      'service/other exposed',
    );
    const jsonpath = '-o jsonpath={.status.loadBalancer.ingress[0].ip}';
    const ip = await eventually(async () => {
      const text = await kubectl(`get svc other ${jsonpath}`);
      assert.match(text, /^127\./);
      return text;
    });
    await eventually(async () => assert.equal((await seen(`http://${ip}`, 'pod', 40)).length, 3));
  });

  test('scales, rolls out, tells the history and undoes', async () => {
    assert.equal((await kubectl('scale deployment hello --replicas=2')).trim(), 'deployment.apps/hello scaled');
    await kubectl('rollout status deployment/hello --timeout=30s');
    assert.equal(
      (await kubectl('set image deployment/hello web=my-app-image:v2')).trim(),
      'deployment.apps/hello image updated',
    );
    await kubectl('rollout status deployment/hello --timeout=30s');
    const image = '-o jsonpath={.spec.template.spec.containers[0].image}';
    assert.equal(await kubectl(`get deployment hello ${image}`), 'my-app-image:v2');
    assert.match(await kubectl('rollout history deployment/hello'), /\n1 +<none>\n2 +<none>\n/);
    assert.equal((await kubectl('rollout undo deployment/hello')).trim(), 'deployment.apps/hello rolled back');
    await kubectl('rollout status deployment/hello --timeout=30s');
    assert.equal(await kubectl(`get deployment hello ${image}`), 'my-app-image');
    assert.match(await kubectl('rollout history deployment/hello'), /\n2 +<none>\n3 +<none>\n/);
  });

  test('labels, waits, watches and deletes', async () => {
    assert.equal((await kubectl('label pod blue-draft stage=live --overwrite')).trim(), 'pod/blue-draft labeled');
    await kubectl('wait --for=condition=Ready pod/blue-draft --timeout=10s');
    await kubectl('wait --for=condition=Available deployment/hello --timeout=10s');
    const watching = spawn('kubectl', ['--kubeconfig', cluster.kubeconfig, 'get', 'pods', '-w', '--no-headers']);
    let watched = '';
    watching.stdout.setEncoding('utf8').on('data', (text: string) => {
      watched += text;
    });
    await eventually(() => assert.match(watched, /red-live +1\/1 +Running/));
    assert.equal((await kubectl('delete pod red-live')).trim(), 'pod "red-live" deleted');
    await eventually(() => assert.match(watched, /red-live +\d\/1 +Terminating/));
    const ended = once(watching, 'exit');
    watching.kill();
    await ended;
    await assert.rejects(kubectl('get pod red-live'), /pods "red-live" not found/);
  });

  test('explains, lists what there is, and refuses what is wrong in the words of Kubernetes', async () => {
    assert.match(await kubectl('explain service.spec'), /sessionAffinityConfig\t<SessionAffinityConfig>/);
    assert.match(await kubectl('api-resources'), /\nservices +svc +v1 +true +Service\n/);
    await assert.rejects(
      kubectl('expose deployment hello --name=Wrong_Name --port=80'),
      /The Service "Wrong_Name" is invalid: metadata\.name: Invalid value: "Wrong_Name"/,
    );
    await assert.rejects(kubectl('get svc Wrong_Name'), /not found/);
    await assert.rejects(kubectl('scale deployment nobody --replicas=1'), /deployments\.apps "nobody" not found/);
  });
});
