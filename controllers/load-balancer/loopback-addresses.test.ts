import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoopbackAddresses } from './loopback-addresses.ts';

const ports = [{ port: 80, protocol: 'TCP' }];

describe('loopback addresses', () => {
  it('are one per Service, kept when asked again, and fulfil wishes', async () => {
    const addresses = new LoopbackAddresses();
    const reserve = async (service: string, address?: string): Promise<string> =>
      (await addresses.reserve({ service, ports, ...(address && { address }) })).address;
    assert.equal(await reserve('default/a'), '127.18.0.1');
    assert.equal(await reserve('default/b'), '127.18.0.2');
    assert.equal(await reserve('default/a'), '127.18.0.1');
    assert.equal(await reserve('default/c', '127.0.0.9'), '127.0.0.9');
    assert.equal(await reserve('default/d', '127.0.0.9'), '127.18.0.3');
    assert.equal(await reserve('default/e', '192.0.2.1'), '127.18.0.4');
    await addresses.release('default/c');
    assert.equal(await reserve('default/d', '127.0.0.9'), '127.0.0.9');
  });

  it('offer every port as it is', async () => {
    const { ports: opened } = await new LoopbackAddresses().reserve({ service: 'default/a', ports });
    assert.deepEqual(opened, [{ port: 80, protocol: 'TCP', hostPort: 80 }]);
  });
});
