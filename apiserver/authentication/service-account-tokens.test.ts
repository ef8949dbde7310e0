import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { KubeObject } from '@skiff/api/meta';
import { ServiceAccountTokens, type TokenOptions, tokenIssuer } from './service-account-tokens.ts';

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const object = (kind: string, name: string, uid: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'default', uid },
});

function setUp() {
  const truth = new Map([
    ['ServiceAccount default/web', object('ServiceAccount', 'web', 'uid-web')],
    ['Pod default/web-0', object('Pod', 'web-0', 'uid-pod')],
  ]);
  const tokens = new ServiceAccountTokens({
    key: newKey(),
    lookup: (kind, { namespace = '', name }) => truth.get(`${kind} ${namespace}/${name}`),
  });
  return { truth, tokens };
}

const web: TokenOptions = { serviceAccount: { namespace: 'default', name: 'web', uid: 'uid-web' } };
const bound: TokenOptions = {
  ...web,
  boundTo: { kind: 'Pod', name: 'web-0', uid: 'uid-pod', node: { name: 'node1', uid: 'uid-node' } },
};

test('a token says which service account it speaks for, and of which Pod', () => {
  const { tokens } = setUp();
  const { token, expirationTimestamp } = tokens.issue(bound);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  assert.deepEqual(claims['kubernetes.io'], {
    namespace: 'default',
    serviceaccount: { name: 'web', uid: 'uid-web' },
    pod: { name: 'web-0', uid: 'uid-pod' },
    node: { name: 'node1', uid: 'uid-node' },
  });
  assert.equal(Date.parse(expirationTimestamp) / 1000, claims.exp);
  for (let again = 0; again < 2; again++) {
    assert.deepEqual(tokens.verify(token), {
      audiences: [tokenIssuer],
      user: {
        name: 'system:serviceaccount:default:web',
        uid: 'uid-web',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
          'authentication.kubernetes.io/node-name': ['node1'],
          'authentication.kubernetes.io/node-uid': ['uid-node'],
          'authentication.kubernetes.io/pod-name': ['web-0'],
          'authentication.kubernetes.io/pod-uid': ['uid-pod'],
        },
      },
    });
  }
});

test('a token of another key, another algorithm, or with other claims is none', () => {
  const { tokens } = setUp();
  const [header = '', payload = '', signature = ''] = tokens.issue(web).token.split('.');
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url');
  for (const token of [
    setUp().tokens.issue(web).token,
    `${unsigned}.${payload}.`,
    `${unsigned}.${payload}.${signature}`,
    `${header}.${forged}.${signature}`,
    `${header}.${payload}.${signature}.more`,
    `${header}.${payload}.AAAA`,
    'nonsense',
    '',
  ]) {
    assert.equal(tokens.verify(token), undefined, token);
  }
});

test('a token is good until it expires, and only for its audiences', (context) => {
  const { tokens } = setUp();
  context.mock.timers.enable({ apis: ['Date'], now: 1_800_000_000_000 });
  const { token } = tokens.issue({ ...web, audiences: ['vault', 'mail'], expirationSeconds: 600 });
  assert.equal(tokens.verify(token), undefined);
  assert.deepEqual(tokens.verify(token, ['mail', 'other'])?.audiences, ['mail']);
  context.mock.timers.setTime(1_800_000_599_000);
  assert.ok(tokens.verify(token, ['vault']));
  context.mock.timers.setTime(1_800_000_600_000);
  assert.equal(tokens.verify(token, ['vault']), undefined);
});

test('a token ends with its service account and with its Pod, also when another of the same name follows', () => {
  const { truth, tokens } = setUp();
  const { token } = tokens.issue(bound);
  truth.set('Pod default/web-0', object('Pod', 'web-0', 'uid-other'));
  assert.equal(tokens.verify(token), undefined);
  truth.set('Pod default/web-0', object('Pod', 'web-0', 'uid-pod'));
  assert.ok(tokens.verify(token));
  truth.delete('ServiceAccount default/web');
  assert.equal(tokens.verify(token), undefined);
});

test('a Pod that is shutting down keeps its token for a minute', () => {
  const { truth, tokens } = setUp();
  const { token } = tokens.issue(bound);
  const pod = object('Pod', 'web-0', 'uid-pod');
  truth.set('Pod default/web-0', pod);
  pod.metadata.deletionTimestamp = new Date(Date.now() - 30_000).toISOString();
  assert.ok(tokens.verify(token));
  pod.metadata.deletionTimestamp = new Date(Date.now() - 90_000).toISOString();
  assert.equal(tokens.verify(token), undefined);
});
