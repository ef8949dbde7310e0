import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CustomServer, definitionOf, definitionsPath, objectsPath } from './testing.ts';

test('a server that starts anew serves what was defined, and ends what was to go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-definitions-'));
  try {
    {
      await using server = await CustomServer.start({ folder });
      await server.define(definitionOf('Pearl'));
      await server.create('Pearl', { metadata: { name: 'a' } });
    }
    await using server = await CustomServer.start({ folder });
    // At once, without waiting for anything.
    const { body } = await server.api.send('GET', objectsPath('Pearl'));
    assert.equal(body.items.length, 1);
    const gone = server.until('pearls.example.com', (definition) => definition === undefined);
    await server.api.send('DELETE', `${definitionsPath}/pearls.example.com`);
    await gone;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
