import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, test } from 'node:test';
import { TestServer } from '../testing.ts';

const server = await TestServer.start();
after(() => server[Symbol.asyncDispose]());

const configuration = '/.well-known/openid-configuration';

test("one who knows the issuer finds its keys and verifies a service account's token with them", async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts';
  await server.send('POST', accounts, { metadata: { name: 'web' } });
  const { body } = await server.send('POST', `${accounts}/web/token`, { spec: { audiences: ['elsewhere'] } });
  const [header = '', claims = '', signature = ''] = body.status.token.split('.');
  const decoded = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());

  const { body: found } = await server.send('GET', configuration);
  assert.equal(found.issuer, decoded(claims).iss);
  assert.deepEqual(found.id_token_signing_alg_values_supported, [decoded(header).alg]);
  const { body: set } = await server.send('GET', new URL(found.jwks_uri).pathname);
  const key = set.keys.find(({ kid }: { kid: string }) => kid === decoded(header).kid);
  assert.equal(key.d, undefined, 'the private part stays here');
  const publicKey = createPublicKey({ key, format: 'jwk' });
  const signed = Buffer.from(`${header}.${claims}`);
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  assert.ok(verify('sha256', signed, options, Buffer.from(signature, 'base64url')));
});

test('service accounts may look for the issuer, others need a role', async () => {
  const account = { 'impersonate-user': 'system:serviceaccount:default:default' };
  assert.equal((await server.send('GET', configuration, undefined, account)).code, 200);
  assert.equal((await server.send('GET', configuration, undefined, { 'impersonate-user': 'jane' })).code, 403);
});
