import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Place, PortDirectory } from './port-directory.ts';

let folder: string;
let directory: PortDirectory;
const dns: Place = { protocol: 'UDP', address: '127.100.1.2', port: 53 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skiff-ports-'));
  directory = new PortDirectory(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a port that was opened elsewhere is found there, by every process that looks', () => {
  assert.equal(directory.find(dns), undefined);
  directory.announce(dns, { address: '127.0.0.1', port: 41_234 });
  assert.deepEqual(new PortDirectory(folder).find(dns), { address: '127.0.0.1', port: 41_234 });
  assert.equal(directory.find({ ...dns, protocol: 'TCP' }), undefined);
  directory.announce(dns, { address: '127.0.0.1', port: 41_235 });
  assert.equal(directory.find(dns)?.port, 41_235);
});

test('its file says so in one line', () => {
  directory.announce(dns, { address: '127.0.0.1', port: 41_234 });
  assert.deepEqual(readdirSync(folder), ['UDP-127.100.1.2-53']);
  assert.equal(readFileSync(join(folder, 'UDP-127.100.1.2-53'), 'utf8'), '127.0.0.1:41234\n');
});

test('what is withdrawn is not found, alone or with all of its address or range', () => {
  const others = [dns, { ...dns, port: 8080 }, { ...dns, address: '127.100.1.20' }];
  for (const place of others) directory.announce(place, { address: '127.0.0.1', port: 5000 });
  directory.withdraw(dns);
  directory.withdraw(dns);
  assert.equal(directory.find(dns), undefined);
  directory.withdrawAll('127.100.1.2');
  assert.deepEqual(readdirSync(folder), ['UDP-127.100.1.20-53']);
  directory.withdrawAll('127.100.2.0/24');
  assert.equal(readdirSync(folder).length, 1);
  directory.withdrawAll('127.100.1.0/24');
  assert.deepEqual(readdirSync(folder), []);
});
