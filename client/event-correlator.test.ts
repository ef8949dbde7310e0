import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EventCorrelator } from './event-correlator.ts';

const told = (message: string, about = 'pod/a') => ({ about, type: 'Normal', reason: 'Pulled', message });

it('events that differ in their message only become one after ten', () => {
  let now = 0;
  const correlator = new EventCorrelator({ now: () => now });
  const messages = Array.from({ length: 12 }, (_, at) => correlator.correlate(told(`m${at}`)));
  assert.deepEqual(
    messages.slice(9).map((one) => one?.message),
    ['m9', '(combined from similar events): m10', '(combined from similar events): m11'],
  );
  assert.equal(messages[10]?.key, messages[11]?.key);
  assert.equal(correlator.correlate(told('m0'))?.message, '(combined from similar events): m0');
  assert.equal(correlator.correlate(told('m0', 'pod/b'))?.message, 'm0');
  now = 11 * 60_000;
  assert.equal(correlator.correlate(told('m11'))?.message, 'm11');
});

it('repeats of one message have one key', () => {
  const correlator = new EventCorrelator();
  const keys = Array.from({ length: 15 }, () => correlator.correlate(told('again'))?.key);
  assert.equal(new Set(keys).size, 1);
});

it('an object of which too much is told has its events dropped, until some time has gone by', () => {
  let now = 0;
  const correlator = new EventCorrelator({ now: () => now });
  const first = Array.from({ length: 30 }, () => correlator.correlate(told('again')) !== undefined);
  assert.equal(first.filter(Boolean).length, 25);
  assert.ok(correlator.correlate(told('again', 'pod/b')));
  now = 5 * 60_000;
  assert.ok(correlator.correlate(told('again')));
  assert.equal(correlator.correlate(told('again')), undefined);
});
