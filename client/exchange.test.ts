import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Client } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import type { Response } from './exchange.ts';

const clientOf = (handler: RequestListener): Client => new Client({ server: 'https://inside', handler });
const get = (client: Client, options: { signal?: AbortSignal; idleMs?: number } = {}): Promise<Response> =>
  client.stream({ method: 'GET', path: '/', ...options });

test('a handler gets what it would get behind a server, and the client what it would get from there', async () => {
  const tell: RequestListener = async (request, response) => {
    const { method, url, headers } = request;
    response.setHeader('warning', ['299 - "one"', '299 - "two"']);
    response.writeHead(201, { 'content-type': 'application/json', 'x-cased': 'As It Is' });
    const { accept, 'user-agent': agent, 'content-type': type, 'content-length': length } = headers;
    response.end(JSON.stringify({ method, url, accept, agent, type, length, body: await text(request) }));
  };
  await using server = createServer(tell).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const answers = await Promise.all(
    [{ handler: tell }, {}].map(async (config) => {
      const warnings: string[] = [];
      const onWarning = (warning: string): void => void warnings.push(warning);
      using client = new Client({ server: `http://127.0.0.1:${address.port}`, userAgent: 'me', onWarning, ...config });
      const response = await client.stream({ method: 'POST', path: '/a?b=%20c', body: '{"d":"ü"}' });
      const { statusCode, headers, headersDistinct } = response;
      const { 'content-type': type, 'x-cased': cased } = headers;
      return { statusCode, type, cased, sent: headersDistinct['warning'], warnings, body: await text(response) };
    }),
  );
  assert.deepEqual(answers[0], answers[1]);
  assert.deepEqual(answers[0]?.warnings, ['one', 'two']);
});

test('an answer comes piece by piece, and ends when the handler ends it', async () => {
  const responses = Promise.withResolvers<Writable>();
  using client = clientOf((_request, response) => {
    response.writeHead(200).flushHeaders();
    responses.resolve(response);
  });
  const answer = await get(client);
  answer.setEncoding('utf8');
  const response = await responses.promise;
  const seen: string[] = [];
  const closed = once(response, 'close');
  response.write('one');
  for await (const piece of answer) {
    seen.push(piece);
    if (seen.length === 1) response.write('two');
    else response.end();
  }
  assert.deepEqual(seen, ['one', 'two']);
  await closed;
});

test('a handler waits for a client that takes its time, and nothing is lost', async () => {
  const chunk = 'x'.repeat(64 * 1024);
  let written = 0;
  let waited = 0;
  using client = clientOf(async (_request, response) => {
    for (; written < 40; written += 1) {
      if (response.write(chunk)) continue;
      waited += 1;
      await once(response, 'drain');
    }
    response.end();
  });
  const answer = await get(client);
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  assert.ok(written < 10, `${written} chunks were written to somebody who read none`);
  assert.equal((await text(answer)).length, 40 * chunk.length);
  assert.ok(waited > 1);
});

test('a response closes when its client goes away: by its signal, by reading no further, by closing', async () => {
  const ways: Record<string, (parts: { stop: AbortController; answer: Response; client: Client }) => void> = {
    signal: ({ stop }) => stop.abort(),
    reader: ({ answer }) => answer.destroy(),
    client: ({ client }) => client.close(),
  };
  for (const [way, leave] of Object.entries(ways)) {
    const stop = new AbortController();
    const closed = Promise.withResolvers<void>();
    using client = clientOf((_request, response) => {
      response.once('close', closed.resolve).writeHead(200).flushHeaders();
    });
    const answer = await get(client, { signal: stop.signal });
    const read = text(answer);
    leave({ stop, answer, client });
    await assert.rejects(read, way);
    await closed.promise;
  }
});

test('a signal that aborts before the answer is the reason that there is none, and the handler is not asked in vain', async () => {
  let asked = 0;
  using client = clientOf(() => {
    asked += 1;
  });
  const why = new Error('no longer wanted');
  const early = new AbortController();
  const gone = get(client, { signal: early.signal });
  early.abort(why);
  await assert.rejects(gone, why);
  await nextTurn();
  assert.equal(asked, 0);
  const late = new AbortController();
  const waiting = get(client, { signal: late.signal });
  await nextTurn();
  await nextTurn();
  assert.equal(asked, 1);
  late.abort(why);
  await assert.rejects(waiting, why);
});

test('an exchange that the handler cuts is a connection that broke, before the head and after it', async () => {
  using silent = clientOf((_request, response) => void response.destroy());
  await assert.rejects(get(silent), ConnectionError);
  using talking = clientOf((request, response) => {
    response.writeHead(200).write('half', () => request.socket.destroy());
  });
  await assert.rejects(talking.text({ method: 'GET', path: '/' }), ConnectionError);
});

test('an answer is cut when nothing of it came for too long, counted from the last that came', async (context) => {
  let elapse: () => void = () => assert.fail('nothing was to be done after a time');
  const timer = { unref: () => timer, refresh: context.mock.fn() };
  // Not by mock timers, whose refresh() does nothing.
  const set = context.mock.method(globalThis, 'setTimeout', (callback: () => void) => {
    elapse = callback;
    return timer;
  });
  let write: (piece: string) => void = () => undefined;
  using client = clientOf((_request, response) => {
    response.writeHead(200).flushHeaders();
    write = (piece) => void response.write(piece);
  });
  const answer = await get(client, { idleMs: 300 });
  assert.deepEqual(
    set.mock.calls.map((call) => call.arguments[1]),
    [300],
  );
  const refreshed = timer.refresh.mock.callCount();
  write('piece');
  await once(answer, 'data');
  assert.equal(timer.refresh.mock.callCount(), refreshed + 1);
  const told = once(answer, 'error');
  elapse();
  assert.match(String(await told), /nothing came for 300 ms/);
});

test('what is corked at the handler’s end is held back until it is uncorked', async () => {
  let release: () => void = () => undefined;
  using client = clientOf((request, response) => {
    response.writeHead(200).flushHeaders();
    request.socket.cork();
    response.write('held');
    release = () => {
      request.socket.uncork();
      response.end();
    };
  });
  const answer = await get(client);
  await nextTurn();
  await nextTurn();
  assert.equal(answer.readableLength, 0);
  release();
  assert.equal(await text(answer), 'held');
});

test('an answer that breaks off and that nobody reads is no uncaught error', async () => {
  using client = clientOf((request, response) => {
    response.writeHead(200).write('half', () => request.socket.destroy());
  });
  const answer = await get(client);
  if (!answer.closed) await once(answer, 'close');
  assert.equal(answer.readableEnded, false);
});
