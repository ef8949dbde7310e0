import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets, oid, text, time } from './der.ts';

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

test('a length takes as few bytes as will do', () => {
  const head = (length: number): string => hex(octets(Buffer.alloc(length)).subarray(0, -length || undefined));
  assert.deepEqual([0, 1, 127, 128, 255, 256, 65535].map(head), [
    '0400',
    '0401',
    '047f',
    '048180',
    '0481ff',
    '04820100',
    '0482ffff',
  ]);
  assert.throws(() => octets(Buffer.alloc(65536)), RangeError);
});

test('an object identifier is written seven bits at a time', () => {
  assert.equal(hex(oid('2.5.4.3')), '0603550403');
  assert.equal(hex(oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
});

test('a time from 2050 on has a year of four digits', () => {
  const written = (date: string): string => time(new Date(date)).toString('latin1');
  assert.equal(written('2049-12-31T23:59:59.999Z'), '\x17\x0d491231235959Z');
  assert.equal(written('2050-01-01T00:00:00Z'), '\x18\x0f20500101000000Z');
});

test('a text is UTF-8', () => {
  assert.equal(hex(text('é')), '0c02c3a9');
});
