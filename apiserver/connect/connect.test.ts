import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import net from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { TestServer } from '../testing.ts';

/** An API server with a node whose agent says what it was asked, and lets everybody through to a web server. */
async function start() {
  const test = await TestServer.start();
  const seen: IncomingMessage[] = [];
  const agent = createServer((request, response) => {
    seen.push(request);
    response.end(`agent ${request.url}`);
  });
  const webSockets = new WebSocketServer({ noServer: true });
  agent.on('upgrade', (request, socket, head) => {
    seen.push(request);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.send(`agent ${request.url}`));
  });
  const web = createServer((request, response) => {
    seen.push(request);
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere?x=1' });
    request.pipe(response);
    if (request.method === 'GET') response.write(`web ${request.url}`);
  });
  web.on('upgrade', (request, socket, head) =>
    webSockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.send(`web ${request.url}`)),
  );
  await once(web.listen(0, '127.0.0.1'), 'listening');
  const { port } = web.address() as net.AddressInfo; // it listens on TCP
  agent.on('connect', (request, socket) => {
    seen.push(request);
    if (!request.url?.startsWith('10.244.1.2:8080')) {
      const body = JSON.stringify({ message: 'connect ECONNREFUSED' });
      socket.end(`HTTP/1.1 500 Refused\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    const upstream = net.connect(port, '127.0.0.1');
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(upstream).pipe(socket);
  });
  const socketPath = join(dirname(test.socketPath), 'nodes', 'node1.sock');
  mkdirSync(dirname(socketPath), { recursive: true });
  await once(agent.listen(socketPath), 'listening');

  await test.send('POST', `${ns}/serviceaccounts`, { metadata: { name: 'default' } });
  await test.send('POST', '/api/v1/nodes', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'node1' } });
  const pods = '/api/v1/namespaces/default/pods';
  const containers = [{ name: 'app', image: 'x', ports: [{ containerPort: 8080 }] }];
  for (const [name, nodeName] of [
    ['web', 'node1'],
    ['new', undefined],
  ])
    await test.send('POST', pods, { metadata: { name }, spec: { containers, nodeName } });
  const ready = { status: { podIP: '10.244.1.2', podIPs: [{ ip: '10.244.1.2' }] } };
  const patch = { 'content-type': 'application/merge-patch+json' };
  await test.send('PATCH', `${pods}/web/status`, ready, patch);
  const ports = [{ port: 80, name: 'http', targetPort: 8080 }];
  for (const name of ['web', 'empty'])
    await test.send('POST', '/api/v1/namespaces/default/services', { metadata: { name }, spec: { ports } });
  await test.send('POST', '/api/v1/namespaces/default/endpoints', {
    metadata: { name: 'web' },
    subsets: [{ addresses: [{ ip: '10.244.1.2', nodeName: 'node1' }], ports: [{ port: 8080, name: 'http' }] }],
  });
  return {
    seen,
    send: test.send.bind(test),
    connect: (path: string, protocols: string[] = []) =>
      new WebSocket(`ws+unix://${test.socketPath}:${path}`, protocols, {
        headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' },
      }),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      for (const server of [agent, web]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

const ns = '/api/v1/namespaces/default';

test('exec, attach and port-forward go on to the agent of the node, without credentials', async () => {
  await using cluster = await start();
  const asked = {
    'pods/web/exec?command=ls&command=-l&stdout=true&pretty=1':
      '/exec/default/web/app?command=ls&command=-l&stdout=true',
    'pods/web/attach?container=app&stdin=true': '/attach/default/web/app?stdin=true',
    'pods/web/portforward?ports=80': '/portForward/default/web?ports=80',
  };
  for (const [path, there] of Object.entries(asked)) {
    const webSocket = cluster.connect(`${ns}/${path}`, ['v4.channel.k8s.io']);
    const [message] = await once(webSocket, 'message');
    assert.equal(String(message), `agent ${there}`);
    webSocket.terminate();
    const { headers } = cluster.seen.at(-1) ?? {};
    assert.deepEqual(
      [headers?.['impersonate-user'], headers?.['sec-websocket-protocol']],
      [undefined, 'v4.channel.k8s.io'],
    );
  }
});

test('Pods, Services and nodes are reached through their proxies', async () => {
  await using cluster = await start();
  const answers: Record<string, string> = {
    [`${ns}/pods/web/proxy/a/b%20c?q=1`]: 'web /a/b%20c?q=1',
    [`${ns}/pods/web:8080/proxy/`]: 'web /',
    [`${ns}/pods/http:web:8080/proxy`]: 'web /',
    [`${ns}/services/web:http/proxy/x/`]: 'web /x/',
    [`${ns}/services/web:80/proxy/x//y`]: 'web /x//y',
    '/api/v1/nodes/node1/proxy/healthz?x': 'agent /healthz?x',
  };
  for (const [path, text] of Object.entries(answers)) {
    const answer = await cluster.send('GET', path, undefined, { accept: 'text/html' });
    assert.deepEqual([answer.code, answer.text], [200, text], path);
  }
  const posted = await cluster.send('POST', `${ns}/services/web:http/proxy/x`, 'a body');
  assert.equal(posted.text, 'a body');
  const { headers } = await cluster.send('GET', `${ns}/pods/web/proxy/moved`);
  assert.equal(headers['location'], `${ns}/pods/web/proxy/elsewhere?x=1`);
  const webSocket = cluster.connect(`${ns}/pods/web/proxy/chat?x=1`);
  assert.equal(String((await once(webSocket, 'message'))[0]), 'web /chat?x=1');
  webSocket.terminate();
});

test('what can not be reached is said as kube-apiserver does', async () => {
  await using cluster = await start();
  const answers: Record<string, string> = {
    [`${ns}/pods/web/exec?command=ls`]: '400 Upgrade request required',
    [`${ns}/pods/web/exec?command=ls&container=x`]: '400 container x is not valid for pod web',
    [`${ns}/pods/new/exec?command=ls`]: '400 pod new does not have a host assigned',
    [`${ns}/pods/other/exec?command=ls`]: '404 pods "other" not found',
    [`${ns}/pods/new/proxy/`]: '400 address not allowed',
    [`${ns}/pods/web:99/proxy/`]: '503 error trying to reach service: connect ECONNREFUSED',
    [`${ns}/pods/a:b:c:d/proxy/`]: '400 invalid pod request "a:b:c:d"',
    [`${ns}/services/web/proxy/`]: '503 no endpoints available for service "web"',
    [`${ns}/services/web:81/proxy/`]: '503 no service port 81 found for service "web"',
    [`${ns}/services/empty:http/proxy/`]: '503 no endpoints available for service "empty"',
    [`${ns}/services/other/proxy/`]: '404 services "other" not found',
    '/api/v1/nodes/other/proxy/': '404 nodes "other" not found',
  };
  for (const [path, text] of Object.entries(answers)) {
    const { code, body } = await cluster.send('GET', path);
    assert.equal(`${code} ${body.message}`, text, path);
  }
  const [refused] = await once(cluster.connect(`${ns}/pods/other/exec?command=ls`), 'error');
  assert.match(String(refused), /404/);
});
