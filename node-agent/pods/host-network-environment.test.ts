import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, test } from 'node:test';
import { PortDirectory } from '../network/port-directory.ts';
import { hostNetworkEnvironment } from './host-network-environment.ts';

const portsDir = mkdtempSync(`${tmpdir()}/skiff-ports-`);
after(() => rmSync(portsDir, { recursive: true }));
afterEach(() => delete process.env['SKIFF_ONE_LOOPBACK']);

const podIP = '127.99.1.2';
const tell = (ports: { containerPort: number; protocol?: string }[], exposedPorts: string[] = []) =>
  hostNetworkEnvironment({ portsDir }, { container: { name: 'main', ports }, exposedPorts, podIP });

test('a container is told to listen on the address of its Pod, on its first port', async () => {
  const told = { POD_IP: podIP, HOST: podIP, SKIFF_POD_IP: podIP, SKIFF_PORTS: portsDir };
  const ports = [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 80 }, { containerPort: 81 }];
  assert.deepEqual(await tell(ports), { ...told, PORT: '80' });
  assert.deepEqual(await tell([], ['53/udp', '8080/tcp']), { ...told, PORT: '8080' }, 'or that of its image');
  assert.deepEqual(await tell([]), told, 'a program whose port nobody knows keeps its own');
});

test('where the machine has one loopback address, on a free port of that, which is found by the Pod’s', async () => {
  process.env['SKIFF_ONE_LOOPBACK'] = '1';
  const { HOST, PORT, SKIFF_PORT } = await tell([{ containerPort: 80 }]);
  assert.deepEqual([HOST, SKIFF_PORT], ['127.0.0.1', PORT]);
  const real = new PortDirectory(portsDir).find({ protocol: 'TCP', address: podIP, port: 80 });
  assert.deepEqual(real, { address: '127.0.0.1', port: Number(PORT) });
});
