import assert from 'node:assert/strict';
import { it } from 'node:test';
import { kindNamed, kinds } from '@skiff/api/kinds';
import { Client } from './client.ts';
import { type GroupName, groups } from './groups.ts';

it('every kind of the kinds table has its accessor, named by group and plural', () => {
  const names = Object.entries(groups).flatMap(([group, accessors]) =>
    Object.entries(accessors).map(([plural, kind]) => ({ group, plural, kind })),
  );
  for (const { group, plural, kind } of names) {
    const known = kindNamed(kind);
    assert.equal(plural.toLowerCase(), known.plural, kind);
    assert.equal(group, (known.group || 'core').split('.')[0]?.replace('authorization', ''), kind);
  }
  const missing = kinds.filter(({ kind }) => !names.some((name) => name.kind === kind)).map(({ kind }) => kind);
  assert.deepEqual([...new Set(missing)], []);
  using client = new Client({ server: 'http://127.0.0.1:1' });
  for (const group of Object.keys(groups) as GroupName[])
    assert.deepEqual(Object.keys(client[group]), Object.keys(groups[group]));
});
