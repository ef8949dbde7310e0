import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually } from '@skiff/client/testing/eventually';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { BothKubectls, kubectlMissing, still, type Told } from './both-kubectls.ts';
import { loadBalancer, node, richPod, secret, sets, texts, web } from './manifests.ts';

/** Command lines that change nothing: both kubectls must say the same, byte for byte. */
const reads = `
get pods
get pods -A
get pods,svc
get all
get all -o wide
get pods,svc --show-labels
get ns -L kubernetes.io/metadata.name
get deploy web -o yaml
get deploy web -o json
get deploy,cm -o yaml
get cm texts -o yaml
get cm texts -o json
get pod rich -o yaml
get pods -o name
get all -o name
get svc/web deploy/web
get svc web kubernetes
get svc -l a=b
get svc --field-selector metadata.name=web
get svc --sort-by=.metadata.name
get svc --sort-by={.spec.ports[0].port} --no-headers
get -f web.yaml
get svc -o custom-columns=A:.spec.ports,B:.spec.ports[0].port,C:.nope
get pods -o jsonpath={.items[*].metadata.name}
get pods -o "jsonpath={range .items[*]}{.metadata.name}{'\\t'}{.spec.containers[?(@.name=='c')].image}{'\\n'}{end}"
get pods -o "jsonpath={.items[0]['metadata.name','metadata.namespace']}"
get cm texts -o jsonpath={.data.b\\.txt}
get nothing
get pod nope
get pods nope rich
get pods --ignore-not-found -l nope=nope
get pods -l nope=nope
get
describe pod rich
describe pods web
describe svc
describe deploy web
describe rs
describe node n1
describe cm one
describe secret s
describe sa default
describe ns default
describe endpointslices
describe endpoints web
describe clusterrole
describe clusterrolebinding cluster-admin
describe pods nope
rollout history deploy/web
rollout history deploy/web --revision=1
rollout status deploy/web --watch=false
logs rich
logs nope
logs deploy/web
logs
wait pod rich --for=condition=Ready --timeout=1s
wait pod rich --for=jsonpath={.status.phase}=Pending
wait --for=delete pod/nope
scale deploy/nope --replicas=2
scale deploy web --replicas=2 --current-replicas=9
expose deploy web --name=web3 --port=80 --dry-run=server
expose deploy web --name=web3 --port=80 --dry-run=client -o yaml
expose pod rich --dry-run=client -o yaml
apply -f web.yaml
apply -f web.yaml --dry-run=client
apply -f web.yaml --dry-run=server
apply -f web.yaml -o name
apply -f web.yaml -o yaml
apply -f nope.yaml
apply
create -f web.yaml
create deployment d --image=nginx:1 --dry-run=client -o yaml
create deployment d --image=nginx:1 --port=80 --replicas=3 --dry-run=client -o yaml -- sleep 5
create cm foo --from-literal=a=b --dry-run=client -o yaml
create cm foo --from-file=web.yaml --dry-run=client -o yaml
create secret generic foo --from-literal=a=b --dry-run=client -o yaml
create ns foo --dry-run=client -o yaml
create sa foo --dry-run=client -o yaml
create svc clusterip foo --tcp=80:8080 --dry-run=client -o yaml
create svc nodeport foo --tcp=80 --node-port=30005 --dry-run=client -o yaml
create role r --verb=get,list --resource=pods,deployments.apps --dry-run=client -o yaml
create clusterrole r --verb=get --resource=nodes --dry-run=client -o yaml
create rolebinding r --role=x --user=u --serviceaccount=a:b --dry-run=client -o yaml
create clusterrolebinding r --clusterrole=x --group=g --dry-run=client -o yaml
run p --image=nginx --dry-run=client -o yaml
run p --image=nginx --port=80 --env=A=b --labels=a=b --dry-run=client -o yaml -- a b
run p --image=nginx --restart=Never --command --dry-run=client -o yaml -- sh -c x
explain pods
explain pods.spec.containers
explain deploy.spec.replicas
explain svc --recursive
explain pods.nope
events --for svc/nope
api-resources
api-resources -o wide
api-resources --namespaced=false -o name
api-resources --api-group=apps --verbs=list
api-versions
config current-context
config get-contexts
config view
config view --minify
config get-clusters
config get-users
config use-context nope
taint node n1 a=b:NoSchedule --dry-run=server
taint node n1 nope-
cordon nope
drain n1 --dry-run=client
patch svc web -p '{"spec":{"sessionAffinity":"None"}}'
patch svc web --type=merge -p '{"metadata":{"labels":{"a":"b"}}}' --dry-run=server
patch svc web
set image deploy/web c=nginx:1
set image deploy/web nope=x
set image deploy/web c=foo --dry-run=server
set selector svc web app=web
set env deploy/web A=b --dry-run=server
diff -f web.yaml
exec nope -- ls
exec nope
port-forward nope 80
rollout status deploy/nope
auth can-i --list
auth can-i --list --as=nobody
auth can-i get pods
auth can-i create nodes --as=nobody
auth whoami
get --raw /version
get crd
get cm one --show-managed-fields -o yaml
describe statefulset
delete pod nope
delete pod nope --ignore-not-found
delete pod
delete pods -l nope=nope
delete svc lb --dry-run=client
`;

/** Command lines that change things, in order, each kubectl in a namespace of its own. */
const writes = `
apply -f web.yaml
apply -f web.yaml
apply -f served.yaml --server-side
apply -f served.yaml --server-side --field-manager=other
apply -f served-edited.yaml --server-side --field-manager=other
apply -f served-edited.yaml --server-side --field-manager=other --force-conflicts
apply -f rich.yaml
create cm made --from-literal=a=b
create cm made --from-literal=a=b
create deployment made --image=x
create deployment made --image=x
label pod rich x=y
label pod rich x=z
label pod rich x=z --overwrite
label pod rich x=z
label pod rich x-
label pod rich
label pods --all q=r
annotate pod rich a=c
annotate pod rich a=c --overwrite
scale deploy web --replicas=3
scale deploy/web --replicas=1 --current-replicas=3
rollout pause deploy/web
rollout pause deploy/web
rollout resume deploy/web
rollout resume deploy/web
rollout restart deploy/web
rollout undo deploy/web --to-revision=7
expose deploy web --name=again --port=80
expose deploy web --name=again --port=80
apply -f edited.yaml
get cm one -o jsonpath={.data}
patch cm one -p '{"data":{"x":"y"}}'
patch cm one --type=json -p '[{"op":"remove","path":"/data/x"}]'
set image deploy/web c=nginx:2
replace -f edited.yaml
delete svc again web
delete -f edited.yaml
delete pods --all --force --grace-period=0
apply -f sets.yaml
wait sts/db ds/ds --for=jsonpath={.status.observedGeneration}=1
rollout undo sts/db
rollout history sts/db
set image sts/db ds/ds c=nginx:2
wait sts/db ds/ds --for=jsonpath={.status.observedGeneration}=2
rollout history sts/db ds/ds
rollout history ds/ds --revision=1
rollout history ds/ds --revision=9
rollout undo ds/ds --to-revision=9
rollout undo sts/db
rollout undo ds/ds --to-revision=1
rollout undo svc/nope
wait sts/db ds/ds --for=jsonpath={.status.observedGeneration}=3
rollout history sts/db
`;

/** Editors: what they do to the file. */
const editors: Readonly<Record<string, string>> = {
  'changes a value': "sed -i 's/key: value/key: edited/'",
  'changes nothing': 'true',
  fails: 'false',
};

const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');
const lines = (text: string): string[] => text.trim().split('\n');
const shown = ({ code, stdout, stderr }: Told): string => still(`${stdout}--- stderr\n${stderr}--- exit ${code}\n`);

describe('the tiny kubectl says what kubectl says', { skip: kubectlMissing }, () => {
  let cluster: ClusterUnderTest;
  let both: BothKubectls;
  let folder: string;

  before(async () => {
    cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0', '--no-merge-kubeconfig');
    folder = mkdtempSync(join(tmpdir(), 'skiff-kubectl-'));
    both = new BothKubectls({ kubeconfig: cluster.kubeconfig, folder });
    both.file('web.yaml', web);
    both.file('edited.yaml', web.replace('key: value', 'other: value').replaceAll('name: web', 'name: edited'));
    const served = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: served}\ndata: {a: b}\n';
    both.file('served.yaml', served);
    both.file('served-edited.yaml', served.replace('a: b', 'a: c'));
    both.file('rich.yaml', richPod);
    both.file('sets.yaml', sets);
    both.file('all.yaml', [web, richPod, loadBalancer, secret, node, texts].join('---\n'));
    const made = await both.ours(['apply', '-f', 'all.yaml']);
    assert.equal(made.code, 0, made.stderr);
    const counted = await both.ours(['wait', 'deploy/web', '--for=jsonpath={.status.replicas}=2']);
    assert.equal(counted.code, 0, counted.stderr);
    for (const kind of ['cm/kube-root-ca.crt', 'sa/default', 'endpointslices', 'endpoints/web']) {
      const args = kind.includes('/')
        ? [kind, '--for=create']
        : [kind, '-l', 'kubernetes.io/service-name=web', '--for=jsonpath={.addressType}=IPv4'];
      assert.equal((await both.ours(['wait', ...args])).code, 0);
    }
  });

  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  describe('without a change', { concurrency: 3 }, () => {
    for (const line of lines(reads)) {
      it(`kubectl ${line}`, async () => {
        // The cluster lives: an event between the two, or an age that grows by a letter, is no difference of theirs.
        await eventually(async () => {
          const [theirs, ours] = await Promise.all([both.theirs(words(line)), both.ours(words(line))]);
          assert.equal(shown(ours), shown(theirs));
        });
      });
    }
  });

  it('watches as kubectl does: what is there, and then each change, in line', async () => {
    const end = new AbortController();
    const args = [
      '-n',
      'kube-public',
      'get',
      'cm',
      '-w',
      '--output-watch-events',
      '--field-selector',
      'metadata.name=watched',
    ];
    await both.ours(['-n', 'kube-public', 'create', 'cm', 'watched', '--from-literal=a=b']);
    let stdout = '';
    const watched = both.ours(args, {
      signal: end.signal,
      onOutput: (text) => {
        stdout = text;
      },
    });
    await eventually(() => assert.match(stdout, /ADDED/));
    await both.ours(['-n', 'kube-public', 'label', 'cm', 'watched', 'a=b']);
    await eventually(() => assert.match(stdout, /MODIFIED/));
    await both.ours(['-n', 'kube-public', 'delete', 'cm', 'watched']);
    await eventually(() => assert.match(stdout, /DELETED/));
    end.abort();
    await watched;
    const expected = [
      'EVENT      NAME      DATA   AGE',
      'ADDED      watched   1      AGE',
      'MODIFIED   watched   1      AGE',
      'DELETED    watched   1      AGE',
      '',
    ];
    assert.equal(still(stdout), expected.join('\n'));
  });

  it('says the same of each of many changes', async () => {
    const spaces = ['theirs', 'our-ns'];
    for (const space of spaces) {
      await both.ours(['create', 'namespace', space]);
      await both.ours(['wait', '-n', space, 'sa/default', '--for=create']);
    }
    for (const line of lines(writes)) {
      const [theirs, ours] = await Promise.all([
        both.theirs(['-n', 'theirs', ...words(line)]),
        both.ours(['-n', 'our-ns', ...words(line)]),
      ]);
      const text = (told: Told): string =>
        shown(told)
          .replaceAll('our-ns', 'theirs')
          .replace(/-[a-z0-9]{5}\b/g, '-xxxxx')
          .replace(/^pod\S+ /gm, 'pod/* ')
          .replace(/pod "\S+"/g, 'pod "*"');
      assert.equal(text(ours), text(theirs), line);
    }
    const history = await both.ours(['-n', 'our-ns', 'rollout', 'history', 'sts/db']);
    assert.match(history.stdout, /^2 +first\n3 +first$/m);
  });

  for (const [name, editor] of Object.entries(editors)) {
    it(`edits as kubectl does, where the editor ${name}`, async () => {
      const env = { KUBE_EDITOR: editor };
      const told: string[] = [];
      for (const by of ['theirs', 'ours'] as const) {
        const made = await both.ours(['create', 'cm', 'draft', '--from-literal=key=value']);
        assert.equal(made.code, 0, made.stderr);
        const said = shown(await both[by](['edit', 'cm/draft'], { env }));
        const { stdout } = await both.ours(['get', 'cm/draft', '-o', 'jsonpath={.data}']);
        await both.ours(['delete', 'cm/draft']);
        told.push(said.replace(/\/\S*kubectl-edit-\S+/g, 'FILE') + stdout);
      }
      assert.equal(told[1], told[0]);
    });
  }

  it('reads manifests from URLs as kubectl does', async () => {
    const server = createServer((request, response) =>
      request.url === '/web.yaml' ? response.end(web) : response.writeHead(404).end(),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // of a server that listens on TCP
    try {
      for (const path of ['web.yaml', 'nope.yaml']) {
        const args = ['apply', '-f', `http://127.0.0.1:${port}/${path}`, '--dry-run=server'];
        const [theirs, ours] = await Promise.all([both.theirs(args), both.ours(args)]);
        assert.equal(shown(ours), shown(theirs));
        assert.equal(ours.code, path === 'web.yaml' ? 0 : 1);
      }
    } finally {
      server.close();
    }
  });
});
