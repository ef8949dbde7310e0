import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../clock.ts';
import { LogRotation } from './log-rotation.ts';
import { readLog } from './read-log.ts';

function start() {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-logs-'));
  const container = join(folder, 'default_web_u1', 'app');
  mkdirSync(container, { recursive: true });
  let now = Date.parse('2026-01-02T03:04:05.678Z');
  const clock = { ...systemClock, now: () => now++ };
  return {
    container,
    path: join(container, '0.log'),
    rotation: new LogRotation({ folder, clock, mostBytes: 100, mostFiles: 3 }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

const line = (text: string): string => `2026-01-02T03:04:05.000000000Z stdout F ${text}\n`;

test('a log that is too large is put aside, and the oldest of these go', async () => {
  using logs = start();
  writeFileSync(logs.path, 'small');
  await logs.rotation.rotate();
  assert.deepEqual(readdirSync(logs.container), ['0.log']);
  for (const letter of ['a', 'b', 'c', 'd']) {
    writeFileSync(logs.path, letter.repeat(101));
    await logs.rotation.rotate();
    assert.ok(!existsSync(logs.path));
  }
  const aside = readdirSync(logs.container);
  assert.deepEqual(
    aside.map((name) => readFileSync(join(logs.container, name), 'utf8')[0]),
    ['c', 'd'],
  );
  assert.match(aside[0] ?? '', /^0\.log\.20260102-030405\.\d{3}$/);
});

test('who follows a log misses nothing when it is put aside', async () => {
  using logs = start();
  writeFileSync(logs.path, line('one'));
  const steps = [
    async () => {
      appendFileSync(logs.path, line('x'.repeat(100)));
      await logs.rotation.rotate();
      writeFileSync(logs.path, line('two'));
    },
    async () => appendFileSync(logs.path, line('three')),
  ];
  const more = async (): Promise<'more' | 'ended'> => {
    const step = steps.shift();
    await step?.();
    return step ? 'more' : 'ended';
  };
  let said = '';
  for await (const bytes of readLog(logs.path, { timestamps: false }, { more })) said += bytes;
  assert.equal(said, `one\n${'x'.repeat(100)}\ntwo\nthree\n`);
});
