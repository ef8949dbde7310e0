import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

const env = {
  PORT: '0',
  HOST: '127.0.0.1',
  POD_NAME: 'my-app-1',
  POD_NAMESPACE: 'default',
  NODE_NAME: 'node2',
  POD_IP: '10.244.2.7',
};
const program = spawn(process.execPath, [join(import.meta.dirname, 'my-app-image.mjs')], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let port: number;

before(async () => {
  for await (const line of createInterface(program.stdout)) {
    port = Number(/^my-app-1 listens on port (\d+)$/.exec(line)?.[1]);
    return;
  }
});
after(() => program.kill('SIGKILL'));

test('it says which Pod answered whom, as text', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/path`);
  assert.equal(
    await response.text(),
    `Hello from my-app-1
pod:       my-app-1
namespace: default
node:      node2
address:   10.244.2.7
client:    127.0.0.1
method:    GET
path:      /path
`,
  );
});

test('and as JSON where that is accepted', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'application/json' } });
  assert.equal(response.headers.get('content-type'), 'application/json');
  const facts = { pod: 'my-app-1', namespace: 'default', node: 'node2', address: '10.244.2.7', client: '127.0.0.1' };
  assert.deepEqual(await response.json(), { ...facts, method: 'GET', path: '/' });
});

test('requests in one connection are answered in order, HEAD without a body', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'HEAD /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\nGET /c HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
  );
  assert.deepEqual((await text(socket)).match(/path: +\S+/g), ['path:      /b', 'path:      /c']);
});

test('requests with a body and what is no HTTP are answered once, and the connection ends', async () => {
  const posted = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'words' });
  assert.equal(posted.status, 200);
  const socket = connect(port, '127.0.0.1');
  socket.write('nonsense\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1.1 400 /);
});

test('TERM ends it', async () => {
  program.kill('SIGTERM');
  assert.deepEqual(await once(program, 'exit'), [0, null]);
});
