import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { NoFreeAddress, PodAddresses } from './pod-addresses.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'skiff-pod-addresses-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

test('Pod addresses begin after the gateway, and a repeated request gets the same one', () => {
  const addresses = new PodAddresses({ podCIDR: '10.244.3.0/24', stateDir });
  assert.equal(addresses.allocate('a'), '10.244.3.2');
  assert.equal(addresses.allocate('b'), '10.244.3.3');
  assert.equal(addresses.allocate('a'), '10.244.3.2');
});

test('an address that was given back rests until all others were used', () => {
  const addresses = new PodAddresses({ podCIDR: '10.244.3.0/29', stateDir });
  const given = ['a', 'b', 'c'].map((id) => addresses.allocate(id));
  addresses.release('a');
  assert.deepEqual(given, ['10.244.3.2', '10.244.3.3', '10.244.3.4']);
  assert.equal(addresses.allocate('d'), '10.244.3.5');
  assert.equal(addresses.allocate('e'), '10.244.3.6');
  assert.equal(addresses.allocate('f'), '10.244.3.2');
});

test('a range that is used up is an error', () => {
  const addresses = new PodAddresses({ podCIDR: '10.244.3.0/30', stateDir });
  assert.equal(addresses.allocate('a'), '10.244.3.2');
  assert.throws(() => addresses.allocate('b'), NoFreeAddress);
});

test('a new agent goes on where the last one ended', () => {
  const before = new PodAddresses({ podCIDR: '10.244.3.0/24', stateDir });
  before.allocate('a');
  before.allocate('b');
  before.markReady('a');
  before.release('b');
  const after = new PodAddresses({ podCIDR: '10.244.3.0/24', stateDir });
  assert.deepEqual(after.entries(), [['a', { ip: '10.244.3.2', ready: true }]]);
  assert.equal(after.allocate('c'), '10.244.3.4');
});
