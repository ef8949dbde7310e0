import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Client } from './client.ts';
import { EventRecorder } from './events.ts';
import { objectOf, ScriptedServer } from './testing/scripted-server.ts';

it('an event recorder writes an Event once and counts its repeats', async () => {
  await using server = await new ScriptedServer().start();
  server.script = ({ body }, response) => response.writeHead(201).end(body);
  using client = new Client({ server: server.url });
  const recorder = new EventRecorder(client, { component: 'tester', host: 'node1' });
  const about = objectOf('a', '7');
  for (let i = 0; i < 3; i += 1) recorder.event(about, 'Warning', 'Tried', 'it was tried');
  recorder.event(about, 'Normal', 'Other', 'something else');
  await recorder.flush();
  const [first, second, third, other] = server.requests.map(({ method, path, body }) => ({
    method,
    path,
    body: JSON.parse(body),
  }));
  assert.equal(`${first?.method} ${first?.path}`, 'POST /api/v1/namespaces/default/events');
  const { firstTimestamp, lastTimestamp, metadata, ...rest } = first?.body ?? {};
  assert.match(firstTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(lastTimestamp, firstTimestamp);
  assert.match(metadata.name, /^a\.[0-9a-f]{16}$/);
  assert.deepEqual(rest, {
    apiVersion: 'v1',
    kind: 'Event',
    involvedObject: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'a',
      namespace: 'default',
      uid: 'uid-a',
      resourceVersion: '7',
    },
    type: 'Warning',
    reason: 'Tried',
    message: 'it was tried',
    count: 1,
    source: { component: 'tester', host: 'node1' },
    reportingComponent: 'tester',
    reportingInstance: 'node1',
  });
  assert.deepEqual([second?.method, second?.body.count, third?.body.count], ['PATCH', 2, 3]);
  assert.equal(second?.path, `/api/v1/namespaces/default/events/${metadata.name}`);
  assert.equal(other?.method, 'POST');
});

it('an event recorder holds nobody up when the server is away, and writes again when it is back', async () => {
  await using server = await new ScriptedServer().start();
  server.script = ({ body }, response) => response.writeHead(201).end(body);
  using client = new Client({ server: server.url });
  const recorder = new EventRecorder(client, { component: 'tester' });
  await server.stop();
  recorder.event(objectOf('a', '1'), 'Normal', 'Lost', 'nobody hears it');
  await recorder.flush();
  await server.start();
  recorder.event(objectOf('a', '1'), 'Normal', 'Heard', 'somebody does');
  await recorder.flush();
  assert.deepEqual(
    server.requests.map(({ body }) => JSON.parse(body).reason),
    ['Heard'],
  );
});
