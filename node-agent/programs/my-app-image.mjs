// The image `my-app-image`: an HTTP server that says which Pod answered whom. Plain JavaScript on node:net, because every Pod is a
// process: stripping types would cost each one 17 MB and node:http another 15 MB.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';

const { env } = process;
const maxHead = 64 * 1024;
const lameDuckMs = 250;
let ending = false;

/** @param {string | undefined} address */
const plain = (address) => (address ?? 'unknown').replace(/^::ffff:/, '');

function namespace() {
  try {
    return readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/namespace', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

const pod = {
  pod: env.POD_NAME ?? hostname(),
  namespace: env.POD_NAMESPACE ?? namespace(),
  node: env.NODE_NAME ?? 'unknown',
};

/** @param {import('node:net').Socket} socket @param {string} head The request line and the header lines. */
function respond(socket, head) {
  const [line = '', ...headers] = head.split('\r\n');
  const [method = '', path = '', version = ''] = line.split(' ');
  const find = (/** @type {string} */ name) =>
    headers
      .find((one) => one.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  if (!/^HTTP\/1\.[01]$/.test(version)) {
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  const facts = {
    ...pod,
    address: env.POD_IP ?? plain(socket.localAddress),
    client: plain(socket.remoteAddress),
    method,
    path,
  };
  const json = find('accept').includes('application/json');
  const body = json
    ? `${JSON.stringify(facts)}\n`
    : Object.entries(facts).reduce(
        (text, [name, value]) => `${text}${`${name}:`.padEnd(11)}${value}\n`,
        `Hello from ${pod.pod}\n`,
      );
  // A request with a body is answered without reading it, so its connection can't serve another.
  const hasBody = find('transfer-encoding') !== '' || Number(find('content-length') || 0) > 0;
  const wish = find('connection').toLowerCase();
  const keep = !ending && !hasBody && wish !== 'close' && (version === 'HTTP/1.1' || wish === 'keep-alive');
  socket.write(
    `HTTP/1.1 200 OK\r\ncontent-type: ${json ? 'application/json' : 'text/plain; charset=utf-8'}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: ${keep ? 'keep-alive' : 'close'}\r\n\r\n${method === 'HEAD' ? '' : body}`,
  );
  if (!keep) socket.end();
}

/** @type {Set<import('node:net').Socket>} */
const open = new Set();

const server = createServer({ noDelay: true }, (socket) => {
  let received = '';
  open.add(socket);
  socket.setEncoding('latin1');
  socket.setTimeout(60_000, () => socket.destroy());
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    received += chunk;
    for (
      let end = received.indexOf('\r\n\r\n');
      end >= 0 && !socket.writableEnded;
      end = received.indexOf('\r\n\r\n')
    ) {
      const head = received.slice(0, end);
      received = received.slice(end + 4);
      respond(socket, head);
    }
    if (socket.writableEnded) received = '';
    else if (received.length > maxHead) socket.destroy();
  });
});

server.listen(Number(env.PORT ?? 8080), env.HOST ?? '0.0.0.0', () => {
  const address = server.address();
  console.log(`${pod.pod} listens on port ${typeof address === 'object' ? address?.port : address}`);
});

// As PID 1 it has no default handler. It goes on answering for a moment, until no node sends it new connections any more.
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    ending = true;
    setTimeout(() => {
      server.close();
      for (const socket of open) socket.end();
      setTimeout(() => process.exit(0), 1000).unref();
    }, lameDuckMs);
  });
}
