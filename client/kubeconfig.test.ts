import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { kubeconfigPaths, loadKubeconfig } from './kubeconfig.ts';

function folderOf(t: TestContext, files: Record<string, string>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-kubeconfig-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

const main = `
current-context: one
clusters:
- name: c1
  cluster: { server: 'https://127.0.0.1:6443', certificate-authority-data: ${Buffer.from('CA').toString('base64')} }
contexts:
- name: one
  context: { cluster: c1, user: u1, namespace: games }
- name: lost
  context: { cluster: nowhere, user: u1 }
users:
- name: u1
  user: { client-certificate: cert.pem, client-key: key.pem }
- name: u3
  user: { auth-provider: { name: gcp } }
`;

const second = `
current-context: two
clusters:
- name: c1
  cluster: { server: 'https://elsewhere' }
contexts:
- name: two
  context: { cluster: c1, user: u2 }
- name: three
  context: { cluster: c1, user: u3 }
users:
- name: u2
  user: { tokenFile: token }
`;

describe('a kubeconfig', () => {
  it('gives the current context, with certificates from the text and from files beside it', (t) => {
    const path = folderOf(t, { config: main, 'cert.pem': 'CERT', 'key.pem': 'KEY' });
    assert.deepEqual(loadKubeconfig(path('config')), {
      server: 'https://127.0.0.1:6443',
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      namespace: 'games',
    });
  });

  it('is merged from several files, of which the first to name a thing counts', (t) => {
    const path = folderOf(t, { a: main, b: second, 'cert.pem': 'CERT', 'key.pem': 'KEY', token: ' T1\n' });
    const files = ['a', 'absent', 'b'].map(path);
    assert.equal(loadKubeconfig(files).cert, 'CERT');
    const { server, token } = loadKubeconfig(files, { context: 'two' });
    assert.equal(server, 'https://127.0.0.1:6443');
    assert.ok(typeof token === 'function');
    assert.equal(token(), 'T1');
    writeFileSync(path('token'), 'T2');
    assert.equal(token(), 'T2');
  });

  it('that lacks something is refused with what it lacks', (t) => {
    const path = folderOf(t, { a: main, b: second, list: '[]' });
    const file = path('a');
    assert.throws(() => loadKubeconfig(file, { context: 'x' }), { message: `kubeconfig "${file}" has no context "x"` });
    assert.throws(() => loadKubeconfig(file, { context: 'lost' }), /has no server for cluster "nowhere"/);
    assert.throws(() => loadKubeconfig(path('list')), /is not a YAML map/);
    assert.throws(() => loadKubeconfig([path('absent')]), /has no current context/);
    assert.throws(
      () => loadKubeconfig([file, path('b')], { context: 'three' }),
      /user "u3" has "auth-provider"; use a certificate/,
    );
  });

  it('may name a program that gives the credentials, which is asked again when they expire', async (t) => {
    const plugin = `#!/bin/sh
n=$(cat "$COUNT" 2>/dev/null || echo 0); n=$((n + 1)); echo $n > "$COUNT"
case "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 9 ;; esac
echo '{"kind":"ExecCredential","status":{"token":"T'$n$1'","expirationTimestamp":"2020-01-01T00:00:00Z"}}'
`;
    const path = folderOf(t, { 'plugin.sh': plugin });
    const user = (exec: string): string => `
current-context: one
clusters: [{ name: c, cluster: { server: 'https://x' } }]
contexts: [{ name: one, context: { cluster: c, user: u } }]
users: [{ name: u, user: { exec: ${exec} } }]
`;
    const env = `env: [{ name: COUNT, value: '${path('count')}' }]`;
    writeFileSync(path('config'), user(`{ command: ./plugin.sh, args: [x], ${env} }`));
    chmodSync(path('plugin.sh'), 0o755);
    const { token } = loadKubeconfig(path('config'));
    assert.ok(typeof token === 'function');
    assert.equal(await token(), 'T2x', 'the first had expired');
    writeFileSync(path('missing'), user('{ command: ./nowhere, installHint: get it from there }'));
    assert.throws(() => loadKubeconfig(path('missing')), /nowhere" is not installed\nget it from there/);
    writeFileSync(path('failing'), user('{ command: ./plugin.sh }'));
    writeFileSync(path('plugin.sh'), '#!/bin/sh\nexit 3\n');
    assert.throws(() => loadKubeconfig(path('failing')), /plugin\.sh" failed: Command failed/);
  });

  it('is looked for where kubectl looks', () => {
    assert.deepEqual(kubeconfigPaths({ KUBECONFIG: `/a${delimiter}${delimiter}/b` }), ['/a', '/b']);
    assert.match(kubeconfigPaths({})[0] ?? '', /\/\.kube\/config$/);
  });
});
