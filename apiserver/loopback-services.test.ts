import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Answered, TestServer } from './testing.ts';

const slice = (address: string): object => ({
  metadata: { name: 'slice' },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address] }],
  ports: [],
});
const endpoints = (ip: string): object => ({
  metadata: { name: 'endpoints' },
  subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
});
const cases = [
  ['/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', slice, 'endpoints[0].addresses[0]'],
  ['/api/v1/namespaces/default/endpoints', endpoints, 'subsets[0].addresses[0].ip'],
] as const;
const faults = ({ body }: Answered): string[] => body.details?.causes?.map(({ field }: { field: string }) => field);

describe('a cluster whose Services are on loopback', () => {
  it('has endpoints, and its API server, on loopback too', async () => {
    const advertise = { address: '127.100.0.1', port: 7443 };
    await using test = await TestServer.start({ config: { serviceCIDR: '127.96.0.0/16', advertise } });
    for (const [path, object, field] of cases) {
      assert.equal((await test.send('POST', path, object('127.100.1.2'))).code, 201);
      assert.deepEqual(faults(await test.send('POST', path, object('169.254.1.2'))), [field]);
    }
    const { body: service } = await test.send('GET', '/api/v1/namespaces/default/services/kubernetes');
    assert.equal(service.spec.clusterIP, '127.96.0.1');
    const { body: own } = await test.send('GET', '/api/v1/namespaces/default/endpoints/kubernetes');
    assert.deepEqual(own.subsets, [
      { addresses: [{ ip: '127.100.0.1' }], ports: [{ name: 'https', port: 7443, protocol: 'TCP' }] },
    ]);
    const certificate = new X509Certificate(test.server.certificates.serving.cert);
    for (const address of ['127.96.0.1', '127.100.0.1', '127.0.0.1'])
      assert.equal(certificate.checkIP(address), address);
  });

  it('is the only one that has them there', async () => {
    await using test = await TestServer.start();
    for (const [path, object, field] of cases)
      assert.deepEqual(faults(await test.send('POST', path, object('127.100.1.2'))), [field]);
  });
});
