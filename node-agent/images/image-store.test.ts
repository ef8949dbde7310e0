import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { builtInImageNames } from './built-in-images.ts';
import { type Image, ImageError, programOf } from './image.ts';
import { ImageStore } from './image-store.ts';

const store = new ImageStore({ fallback: 'host' });

test('every built-in image resolves under any tag, digest and registry, and all that it mounts is there', async () => {
  for (const name of builtInImageNames) {
    for (const text of [name, `${name}:1.2`, `docker.io/library/${name}:1.2`, `registry.example:5000/${name}`]) {
      const image = await store.resolve(text, { pullPolicy: 'Always' });
      assert.equal(image.imageId, `builtin://${name}`);
      assert.equal(image.source, 'built-in');
      assert.ok(programOf(image.config, {}).length > 0);
      assert.ok(
        image.filesystem.type === 'host' && image.filesystem.programs.every(({ source }) => existsSync(source)),
      );
    }
  }
});

test('an image that is not here runs its command on the host, and says so', async () => {
  const image = await store.resolve('busybox', { command: ['sleep', '60'] });
  assert.deepEqual([image.source, image.imageId], ['host', 'host://docker.io/library/busybox:latest']);
  assert.match(image.warning ?? '', /"busybox" is not in this cluster.*host's own programs/);
  assert.equal((await store.resolve('busybox', { args: ['sleep', '60'] })).source, 'host');
});

test('images that are not to be had are errors with the reasons of Kubernetes', async () => {
  const cases: [reason: string, message: RegExp, attempt: Promise<Image>][] = [
    ['ErrImagePull', /skiff image load FILE.*or give the container a command/, store.resolve('nginx')],
    ['ErrImagePull', /skiff image load FILE/, store.resolve('nginx', { args: ['-g', 'daemon off;'] })],
    [
      'ErrImagePull',
      /skiff image load FILE/,
      new ImageStore({ fallback: 'none' }).resolve('busybox', { command: ['true'] }),
    ],
    ['ErrImageNeverPull', /pull policy of Never/, store.resolve('busybox', { command: ['true'], pullPolicy: 'Never' })],
    ['InvalidImageName', /invalid reference format/, store.resolve('No Name')],
  ];
  for (const [reason, message, attempt] of cases) {
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof ImageError);
      assert.equal(error.reason, reason);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a loaded image goes before a built-in one of the same name', async () => {
  const builtIn = await store.resolve('my-app-image');
  const loaded: Image = {
    ...builtIn,
    source: 'loaded',
    imageId: 'sha256:1',
    filesystem: { type: 'layers', id: 'sha256:1', layers: [] },
  };
  const both = new ImageStore({ fallback: 'host', loaded: { find: async () => loaded } });
  assert.equal((await both.resolve('my-app-image')).imageId, 'sha256:1');
});

test('command replaces entrypoint and cmd, args replace cmd alone', () => {
  const config = { entrypoint: ['entry'], cmd: ['cmd'] };
  assert.deepEqual(programOf(config, {}), ['entry', 'cmd']);
  assert.deepEqual(programOf(config, { args: ['a'] }), ['entry', 'a']);
  assert.deepEqual(programOf(config, { command: ['c'] }), ['c']);
  assert.deepEqual(programOf(config, { command: ['c'], args: ['a'] }), ['c', 'a']);
});
