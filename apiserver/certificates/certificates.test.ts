import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ensureCertificates, makeCertificates } from './certificates.ts';

const root = mkdtempSync(join(tmpdir(), 'skiff-certificates-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = (): string => join(root, String(folders++));
const node1 = { user: 'system:node:node1', groups: ['system:nodes', 'more'] };

test('a serving certificate names every way to the server, and the authority vouches for it', () => {
  const { ca, serving } = ensureCertificates(newFolder(), {
    names: ['skiff.example', '2001:db8::a:1', '1:2:3:4:5:6:7:8'],
  });
  const certificate = new X509Certificate(serving.cert);
  const authority = new X509Certificate(ca);
  assert.ok(authority.ca);
  assert.ok(certificate.checkIssued(authority));
  assert.ok(certificate.verify(authority.publicKey));
  assert.equal(
    certificate.subjectAltName,
    'DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, ' +
      'DNS:kubernetes.default.svc.cluster.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, ' +
      'IP Address:10.96.0.1, IP Address:172.18.0.1, DNS:skiff.example, IP Address:2001:DB8:0:0:0:0:A:1, ' +
      'IP Address:1:2:3:4:5:6:7:8',
  );
});

test('an authority can vouch past 2049', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: Date.parse('2045-01-01') });
  const authority = new X509Certificate(ensureCertificates(newFolder()).ca);
  assert.ok(authority.ca);
  assert.equal(authority.validTo, 'Dec 30 00:00:00 2054 GMT');
});

test('a client certificate carries the user as CN and the groups as O', () => {
  const { clients } = ensureCertificates(newFolder(), { clients: [node1] });
  const certificate = new X509Certificate(clients.get(node1.user)?.cert ?? '');
  assert.equal(certificate.subject, 'O=system:nodes\nO=more\nCN=system:node:node1');
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
});

test('what is good stays as it is; only the owner may read it', () => {
  const folder = newFolder();
  const first = ensureCertificates(folder, { clients: [node1] });
  assert.deepEqual(ensureCertificates(folder, { clients: [node1] }), first);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const files = readdirSync(folder).sort();
  assert.deepEqual(files, ['ca.crt', 'ca.pem', 'client-system:node:node1.pem', 'server.pem', 'service-account.key']);
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
});

test('a certificate is made anew when it soon runs out or should say something else', (context) => {
  const folder = newFolder();
  const first = ensureCertificates(folder, { clients: [node1] });
  const regrouped = ensureCertificates(folder, { clients: [{ user: node1.user, groups: ['system:nodes'] }] });
  assert.notEqual(regrouped.clients.get(node1.user)?.cert, first.clients.get(node1.user)?.cert);
  assert.equal(regrouped.serving.cert, first.serving.cert);
  context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 340 * 86_400_000 });
  const later = ensureCertificates(folder);
  assert.equal(later.ca, first.ca);
  assert.notEqual(later.serving.cert, first.serving.cert);
  context.mock.timers.setTime(Date.now() + 3300 * 86_400_000);
  const decade = ensureCertificates(folder);
  assert.notEqual(decade.ca, first.ca);
  assert.ok(new X509Certificate(decade.serving.cert).verify(new X509Certificate(decade.ca).publicKey));
});

test('certificates that are kept nowhere are as good as those of a folder', () => {
  const made = makeCertificates({ clients: [{ user: 'me', groups: ['us'] }], names: ['other.example'] });
  const authority = new X509Certificate(made.ca);
  const serving = new X509Certificate(made.serving.cert);
  assert.ok(serving.verify(authority.publicKey));
  assert.ok(serving.checkHost('other.example') && serving.checkIP('127.0.0.1'));
  const client = new X509Certificate(made.clients.get('me')?.cert ?? '');
  assert.ok(client.verify(authority.publicKey));
  assert.equal(client.subject, 'O=us\nCN=me');
  assert.match(made.serviceAccountKey, /PRIVATE KEY/);
});
