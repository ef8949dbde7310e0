import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TestServer } from '../testing.ts';

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

const core = '/api/v1/namespaces/default';
const account = await server.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'web' } });
await server.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'other' } });
const spec = { serviceAccountName: 'web', containers: [{ name: 'main', image: 'registry.example/main:1' }] };
const pod = await server.send('POST', `${core}/pods`, { metadata: { name: 'web' }, spec });
const binding = { target: { kind: 'Node', name: 'gone' } };
await server.send('POST', `${core}/pods/web/binding`, { metadata: { name: 'web' }, ...binding });

const ask = (body: object, name = 'web') => server.send('POST', `${core}/serviceaccounts/${name}/token`, body);
const boundTo = (ref: object) => ({ spec: { boundObjectRef: { apiVersion: 'v1', ...ref } } });
const webPod = { kind: 'Pod', name: 'web', uid: pod.body.metadata.uid };

test('a token is of the account, for an hour and for the API server where nothing else is asked', async () => {
  const { code, body } = await ask({});
  assert.equal(code, 201);
  const { name, namespace, uid } = body.metadata;
  assert.deepEqual({ name, namespace, uid }, { name: 'web', namespace: 'default', uid: account.body.metadata.uid });
  assert.deepEqual(body.spec, {
    audiences: ['https://kubernetes.default.svc.cluster.local'],
    expirationSeconds: 3600,
    boundObjectRef: null,
  });
});

test('the token of a Pod names its node, though nobody knows that one', async () => {
  const { body } = await ask(boundTo(webPod));
  const review = await server.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
    spec: { token: body.status.token },
  });
  const { 'authentication.kubernetes.io/credential-id': _random, ...extra } = review.body.status.user.extra;
  assert.deepEqual(extra, {
    'authentication.kubernetes.io/node-name': ['gone'],
    'authentication.kubernetes.io/pod-name': ['web'],
    'authentication.kubernetes.io/pod-uid': [webPod.uid],
  });
});

const refusals: readonly (readonly [string, object, number, string])[] = [
  [
    'for too short a time',
    { spec: { expirationSeconds: 599 } },
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  ],
  [
    'for too long a time',
    { spec: { expirationSeconds: 2 ** 32 + 1 } },
    422,
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
  ],
  [
    'of another name',
    { metadata: { name: 'else' } },
    422,
    'TokenRequest.authentication.k8s.io "web" is invalid: metadata.name: Invalid value: "else": must match the service account name if specified',
  ],
  [
    'of another namespace',
    { metadata: { namespace: 'else' } },
    400,
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'of an earlier account',
    { metadata: { uid: 'else' } },
    409,
    `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "web": the UID in the token request (else) does not match the UID of the service account (${account.body.metadata.uid})`,
  ],
  [
    'bound to another kind',
    boundTo({ kind: 'ConfigMap', name: 'a' }),
    400,
    'cannot bind token to object of type /v1, Kind=ConfigMap',
  ],
  [
    'bound to a kind of another group',
    boundTo({ kind: 'Pod', name: 'web', apiVersion: 'example.com/v1' }),
    400,
    'cannot bind token to object of type example.com/v1, Kind=Pod',
  ],
  ['bound to what is not there', boundTo({ kind: 'Secret', name: 'none' }), 404, 'secrets "none" not found'],
  [
    'bound to an earlier object',
    boundTo({ ...webPod, uid: 'else' }),
    409,
    'Operation cannot be fulfilled on Pod "web": the UID in the bound object reference (else) does not match the UID in record. The object might have been deleted and then recreated',
  ],
];
for (const [what, body, code, message] of refusals) {
  test(`no token ${what}`, async () => {
    const refused = await ask(body);
    assert.deepEqual({ code: refused.code, message: refused.body.message }, { code, message });
  });
}

test('no token of one account is bound to the Pod of another', async () => {
  const { code, body } = await ask(boundTo(webPod), 'other');
  assert.equal(code, 400);
  assert.equal(
    body.message,
    'cannot bind token for serviceaccount "other" to pod running with different serviceaccount name.',
  );
});
