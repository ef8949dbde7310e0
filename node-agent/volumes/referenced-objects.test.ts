import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindNamed } from '@skiff/api/kinds';
import { notFound } from '@skiff/api/status';
import type { Client } from '@skiff/client/client';
import { ManualClock } from '../manual-clock.ts';
import { ReferencedObjects } from './referenced-objects.ts';

const key = { namespace: 'default', name: 'settings' };

/** Objects whose content is asked of `content` each time that the API server would be asked. */
function referring(content: () => string | undefined | Promise<string | undefined>) {
  const clock = new ManualClock();
  let asked = 0;
  const get = async (): Promise<object> => {
    asked += 1;
    const value = await content();
    if (value === undefined) throw notFound(kindNamed('ConfigMap'), key.name);
    return { metadata: key, data: { value } };
  };
  const client = { resource: () => ({ get }) } as unknown as Client; // only this is used of it
  const objects = new ReferencedObjects({ client, clock });
  const value = async (): Promise<string | undefined> => (await objects.configMap(key))?.data?.['value'];
  return { clock, objects, value, asked: () => asked };
}

test('an object is asked for once by all who want it at a time, and again when it has become old', async () => {
  const { clock, value, asked } = referring(() => 'one');
  assert.deepEqual(await Promise.all([value(), value()]), ['one', 'one']);
  await clock.advance(4000);
  await value();
  assert.equal(asked(), 1);
  await clock.advance(2000);
  await value();
  assert.equal(asked(), 2);
});

test('what is absent is asked for each time', async () => {
  let content: string | undefined;
  const { value } = referring(() => content);
  assert.equal(await value(), undefined);
  content = 'there';
  assert.equal(await value(), 'there');
});

test('a Pod that comes sees what was written before, also where an answer to an earlier question is on its way', async () => {
  const early = Promise.withResolvers<string>();
  const answers: (string | Promise<string>)[] = ['old', early.promise, 'new'];
  const { clock, objects, value } = referring(() => answers.shift());
  assert.equal(await value(), 'old');
  await clock.advance(6000);
  const before = value();
  objects.renew('default');
  assert.equal(await value(), 'new');
  early.resolve('older');
  assert.equal(await before, 'older');
  assert.equal(await value(), 'new');
});

test('a Pod of another namespace makes no difference', async () => {
  const { objects, value, asked } = referring(() => 'one');
  await value();
  objects.renew('other');
  await value();
  assert.equal(asked(), 1);
});
