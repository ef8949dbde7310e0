import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

function get(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    httpsRequest({ port, host: '127.0.0.1', path: '/livez', rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('the program says when it serves, takes further sockets over IPC, and ends when the channel closes', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'skiff-apiserver-main-'));
  const child = fork(program, {
    env: { ...process.env, SKIFF_CONFIG: JSON.stringify({ dataDir, port: 0 }), SKIFF_LOG_LEVEL: 'silent' },
  });
  try {
    const [ready] = await once(child, 'message');
    assert.equal(ready.type, 'ready');
    assert.equal(ready.url, `https://127.0.0.1:${ready.port}`);
    assert.equal(await get(ready.port), 200);
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise<void>((resolve) => child.send({ type: 'listen', name: 'lan' }, listener, () => resolve()));
    listener.close();
    assert.equal(await get(port), 200);
    const ended = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await ended, [0, null]);
  } finally {
    child.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a configuration that is wrong is said in one sentence', async () => {
  const child = fork(program, {
    env: { ...process.env, SKIFF_CONFIG: '{"dataDir":7}' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 1);
  assert.equal(text, 'SKIFF_CONFIG: "dataDir" must be a text, not 7\n');
});
