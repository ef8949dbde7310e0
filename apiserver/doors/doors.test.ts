import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { StatusError } from '@skiff/api/status';
import { Authenticator } from '../authentication/authenticator.ts';
import { type Certificates, ensureCertificates } from '../certificates/certificates.ts';
import { Doors, type DoorsOptions } from './doors.ts';

const folder = mkdtempSync(join(tmpdir(), 'skiff-doors-'));
const jane = { user: 'jane', groups: ['dev', 'ops'] };
let mine: Certificates;
let foreign: Certificates;
before(() => {
  mine = ensureCertificates(join(folder, 'mine'), { clients: [jane] });
  foreign = ensureCertificates(join(folder, 'foreign'), { clients: [jane] });
});
after(() => rmSync(folder, { recursive: true, force: true }));

const bearer = { name: 'system:serviceaccount:default:web', groups: ['system:authenticated'] };
const authenticator = new Authenticator({
  tokens: { verify: (token) => (token === 'good' ? { user: bearer, audiences: [] } : undefined) },
});

/** Who the server takes the client for, as `user group,group`, or the code of the refusal. */
function whoAmI(...[message, door]: Parameters<Authenticator['authenticate']>): string {
  try {
    const { name, groups } = authenticator.authenticate(message, door);
    return `${name} ${groups.join()}`;
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return String(error.code);
  }
}

let sockets = 0;
function newDoors(options: Pick<DoorsOptions, 'unix' | 'timeouts'> & { port?: number } = {}) {
  const unix = options.unix ?? join(folder, `${sockets++}.sock`);
  const doors = new Doors({
    https: { port: options.port ?? 0, serving: mine.serving, ca: mine.ca },
    unix,
    ...(options.timeouts && { timeouts: options.timeouts }),
    handlers: {
      request: (message, response, door) => {
        if (message.url === '/watch') response.write('open');
        else response.end(whoAmI(message, door));
      },
      upgrade: (message, socket, _head, door) => {
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nupgrade: test\r\nconnection: upgrade\r\nx-user: ${whoAmI(message, door)}\r\n\r\n`,
        );
      },
    },
  });
  return { doors, unix };
}

async function answer(sent: ClientRequest): Promise<string> {
  sent.end();
  const [response]: IncomingMessage[] = await once(sent, 'response');
  return Buffer.concat((await response?.toArray()) ?? []).toString();
}

const ask = (doors: Doors, options: RequestOptions = {}) =>
  answer(request(doors.url, { ca: mine.ca, agent: false, ...options }));

test('TLS takes a client by its certificate, its token, or as nobody', async () => {
  const { doors } = newDoors();
  await using _ = doors;
  await doors.start();
  const certified = mine.clients.get('jane');
  assert.equal(await ask(doors, certified), 'jane dev,ops,system:authenticated');
  assert.equal(await ask(doors, { headers: { authorization: 'Bearer good' } }), `${bearer.name} system:authenticated`);
  assert.equal(await ask(doors), 'system:anonymous system:unauthenticated');
});

test('a certificate of another authority and a bad token are refused, not taken for nobody', async () => {
  const { doors } = newDoors();
  await using _ = doors;
  await doors.start();
  assert.equal(await ask(doors, foreign.clients.get('jane')), '401');
  assert.equal(await ask(doors, { headers: { authorization: 'Bearer bad' } }), '401');
  assert.equal(await ask(doors, mine.serving), '401', 'a server certificate is no client certificate');
});

test('a resumed TLS session keeps its user', async () => {
  const { doors } = newDoors();
  await using _ = doors;
  await doors.start();
  const agent = new Agent({ keepAlive: false, maxCachedSessions: 10, ca: mine.ca, ...mine.clients.get('jane') });
  const reused: boolean[] = [];
  for (let i = 0; i < 3; i++) {
    const sent = request(doors.url, { agent });
    sent.once('socket', (socket) =>
      socket.once(
        'secureConnect',
        () => void reused.push(Reflect.apply(Reflect.get(socket, 'isSessionReused'), socket, [])),
      ),
    );
    assert.equal(await answer(sent), 'jane dev,ops,system:authenticated');
  }
  agent.destroy();
  assert.ok(reused.includes(true), 'the test means to resume a session');
});

test("the unix socket is the admin's, and only the owner can open it", async () => {
  const { doors, unix } = newDoors();
  await using _ = doors;
  await doors.start();
  assert.equal(statSync(unix).mode & 0o777, 0o600);
  const ask = (headers = {}) => answer(httpRequest({ socketPath: unix, headers, agent: false }));
  assert.equal(await ask(), 'kubernetes-admin system:masters,system:authenticated');
  assert.equal(await ask({ authorization: 'Bearer good' }), `${bearer.name} system:authenticated`);
  assert.equal(await ask({ authorization: 'Bearer bad' }), '401');
});

test('a listening socket from elsewhere is a TLS door too', async () => {
  const { doors } = newDoors();
  await using _ = doors;
  await doors.start();
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  doors.adopt(listener);
  // A listening TCP server's address is never a path.
  const { port } = listener.address() as AddressInfo;
  const sent = request({ host: '127.0.0.1', port, ca: mine.ca, agent: false, ...mine.clients.get('jane') });
  assert.equal(await answer(sent), 'jane dev,ops,system:authenticated');
});

test('an upgrade comes with its door and its token', async () => {
  const { doors } = newDoors();
  await using _ = doors;
  await doors.start();
  const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('good').toString('base64url')}`;
  const headers = {
    connection: 'upgrade',
    upgrade: 'test',
    'sec-websocket-protocol': `v5.channel.k8s.io, ${protocol}`,
  };
  const sent = request(doors.url, { ca: mine.ca, agent: false, headers }).end();
  const [response, socket] = await once(sent, 'upgrade');
  assert.equal(response.headers['x-user'], `${bearer.name} system:authenticated`);
  const closed = once(socket, 'close');
  await doors.close();
  await closed;
});

test('closing ends watches and idle connections, and removes the socket', async () => {
  const { doors, unix } = newDoors();
  await doors.start();
  const agent = new Agent({ keepAlive: true, ca: mine.ca });
  await answer(request(doors.url, { agent }));
  const watch = request(`${doors.url}/watch`, { ca: mine.ca, agent: false }).end();
  const [response] = await once(watch, 'response');
  const cut = once(response.resume(), 'error');
  await doors.close();
  await cut;
  agent.destroy();
  assert.ok(!existsSync(unix));
});

test('a busy port, a socket in use and a path too long are said in one sentence', async () => {
  const { doors, unix } = newDoors();
  await using _ = doors;
  await doors.start();
  const refusal = (options: { port?: number; unix?: string }) =>
    newDoors(options)
      .doors.start()
      .then(
        () => 'it listens',
        ({ message }) => message,
      );
  assert.equal(
    await refusal({ port: doors.port }),
    `cannot listen on 127.0.0.1:${doors.port}: the port is in use; end what listens there, or choose another port (0 is any free one)`,
  );
  assert.match(await refusal({ unix }), /another server listens there/);
  assert.match(await refusal({ unix: join(folder, 'x'.repeat(110)) }), /choose a shorter data folder/);
  assert.equal(
    await answer(httpRequest({ socketPath: unix, agent: false })).then((text) => text.split(' ')[0]),
    'kubernetes-admin',
  );
});

test('the socket that a killed server left behind is replaced', async () => {
  const { doors, unix } = newDoors();
  await using _ = doors;
  const listenAndDie = `require('net').createServer().listen(${JSON.stringify(unix)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', listenAndDie]);
  assert.ok(existsSync(unix), 'the test means to leave a socket behind');
  await doors.start();
});

test('headers without end are refused', async () => {
  const { doors, unix } = newDoors();
  await using _ = doors;
  await doors.start();
  const socket = connect(unix);
  socket.on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(100_000)}\r\n`);
  const [first] = await once(socket, 'data');
  assert.match(String(first), /^HTTP\/1.1 431/);
  socket.destroy();
});

test('a client that does not come to its end is closed, and others are answered meanwhile', async () => {
  const { doors, unix } = newDoors({ timeouts: { headers: 200, request: 400 } });
  await using _ = doors;
  await doors.start();
  const begun = [
    '',
    'GET / HT',
    'GET / HTTP/1.1\r\nhost: x\r\nx-a',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{',
  ];
  const slow = Array.from({ length: 100 }, (_, index) => {
    const socket = connect(unix);
    socket.on('error', () => {}).resume();
    socket.write(begun[index % begun.length] ?? '');
    return once(socket, 'close');
  });
  assert.match(await answer(httpRequest({ socketPath: unix, agent: false })), /^kubernetes-admin/);
  await Promise.all(slow);
});
