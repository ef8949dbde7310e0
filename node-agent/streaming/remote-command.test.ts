import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { serveCommand } from './remote-command.ts';

test('the outcome of a command is said after all of its output, however slow the client is', async () => {
  const sent: string[] = [];
  const slow = (): Writable =>
    new Writable({
      highWaterMark: 1 << 20,
      write: (chunk, _encoding, done) => void setImmediate(() => done(void sent.push(String(chunk)))),
    });
  await serveCommand(
    {
      stdin: undefined,
      stdout: slow(),
      stderr: slow(),
      onResize: () => undefined,
      finish: async ({ status }) => void sent.push(status),
      gone: new AbortController().signal,
    },
    async () => ({
      stdin: undefined,
      stdout: Readable.from(['one ', 'two ', 'three ']),
      stderr: Readable.from(['error ']),
      resize: () => undefined,
      exitCode: Promise.resolve(0),
    }),
  );
  assert.equal(sent.at(-1), 'Success');
  assert.deepEqual([...sent].sort(), ['Success', 'error ', 'one ', 'three ', 'two ']);
});
