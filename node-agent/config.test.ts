import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config.ts';

const least = {
  ...{ nodeName: 'node1', nodeIP: '127.100.0.2', podCIDR: '127.100.1.0/24', kubeconfig: '/k' },
  ...{ dataDir: '/d', stateDir: '/s', socketPath: '/s/sock' },
};

test('a node has a network of its own unless it is told to use the host’s', () => {
  assert.equal(parseConfig(least).network, 'own');
  assert.equal(parseConfig({ ...least, network: 'host', portsDir: '/ports' }).network, 'host');
});

test('plain processes go with the network of the host, and it with nothing else', () => {
  const host = { ...least, network: 'host', portsDir: '/ports' };
  assert.equal(parseConfig({ ...host, runtime: 'processes' }).runtime, 'processes');
  assert.throws(() => parseConfig({ ...host, runtime: 'crun' }), /"runtime" is processes where/);
  assert.throws(() => parseConfig({ ...least, runtime: 'processes' }), /"runtime" is processes where/);
  assert.throws(() => parseConfig({ ...least, network: 'host' }), /"portsDir"/);
});

test('what is wrong is named', () => {
  assert.throws(() => parseConfig({ ...least, nodeIP: '' }), /"nodeIP" must be a text/);
  assert.throws(() => parseConfig({ ...least, network: 'none' }), /"network" must be one of own, host/);
});
