import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dictionary } from './dictionary.ts';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';
import { HeaderPacker, HeaderUnpacker } from './header-blocks.ts';

test('the dictionary is the one of SPDY/3, by the checksum that zlib asks for', () => {
  let [a, b] = [1, 0];
  for (const byte of dictionary) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  assert.deepEqual([dictionary.length, a, b], [1423, 0xa7c2, 0xe3c6]);
});

test('frames come out as they went in, wherever the bytes are cut', () => {
  const frames: Frame[] = [
    { kind: 'control', type: 1, flags: 0, payload: Buffer.from('abc') },
    { kind: 'data', streamId: 3, flags: 1, payload: Buffer.alloc(0) },
    { kind: 'data', streamId: 0x7fff_ffff, flags: 0, payload: Buffer.from('some words') },
  ];
  const bytes = Buffer.concat(frames.map(encodeFrame));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new FrameReader();
    assert.deepEqual([...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))], frames);
  }
});

test('what is no SPDY/3, or is too large, is refused', () => {
  assert.throws(() => new FrameReader().push(Buffer.from('8002000100000000', 'hex')), /version 2/);
  assert.throws(() => new FrameReader().push(Buffer.from('0000000100ffffff', 'hex')), /too large/);
});

test('headers go through one zlib stream, block by block', async () => {
  const [packer, unpacker] = [new HeaderPacker(), new HeaderUnpacker()];
  for (const headers of [{ StreamType: 'data', Port: '80' }, {}, { streamtype: 'error', port: '80', requestid: '1' }]) {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    assert.deepEqual(await unpacker.unpack(await packer.pack(headers)), lower);
  }
  await assert.rejects(unpacker.unpack(Buffer.from('nonsense')));
});
