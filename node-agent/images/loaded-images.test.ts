import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseImageReference } from './image-reference.ts';
import { imageUser } from './image-user.ts';
import { ImageFolder } from './loaded-images.ts';
import { dockerSave, type MadeEntry, makeTar, writeOciLayout } from './testing.ts';

/** A folder of images, and a file of an archive beside it. */
function start() {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-images-'));
  const images = new ImageFolder(join(folder, 'images'));
  const file = join(folder, 'app.tar');
  const find = async (name: string) => {
    const reference = parseImageReference(name);
    return reference && images.find(reference);
  };
  return {
    folder,
    images,
    file,
    find,
    load: (bytes: Buffer) => {
      writeFileSync(file, bytes);
      return images.load(file);
    },
    root: async (name: string): Promise<string> => {
      const image = await find(name);
      return image?.filesystem.type === 'layers' ? (image.filesystem.layers[0] ?? '') : '';
    },
    leftovers: () => readdirSync(join(folder, 'images')).filter((name) => name.startsWith('loading-')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

const config = {
  Entrypoint: ['/app'],
  Cmd: ['--all'],
  Env: ['PATH=/bin', 'MODE=a=b'],
  WorkingDir: '/srv',
  User: 'web',
  ExposedPorts: { '8080/tcp': {} },
};
const layers: MadeEntry[][] = [
  [
    { name: 'etc/', type: '5', mode: 0o755 },
    { name: 'etc/passwd', body: 'root:x:0:0::/:/bin/sh\nweb:x:101:102::/:/bin/sh\n' },
    { name: 'etc/group', body: 'staff:x:50:\n' },
    { name: 'app', mode: 0o755, body: 'one' },
    { name: 'gone', body: 'x' },
    { name: 'old/file', body: 'x' },
    { name: 'usr/lib/', type: '5', mode: 0o755 },
    { name: 'lib', type: '2', target: 'usr/lib' },
  ],
  [
    { name: 'app', mode: 0o755, body: 'two' },
    { name: 'same', type: '1', target: 'app' },
    { name: '.wh.gone' },
    { name: 'old/new', body: 'new' },
    { name: 'old/.wh..wh..opq' },
    { name: 'lib/module', body: 'in usr' },
  ],
];
const made = { names: ['team/app:1.0', 'app:latest'], layers, config };

test('what docker save wrote is unpacked, layer over layer', async () => {
  using test = start();
  for (const bytes of [dockerSave(made), gzipSync(dockerSave(made))]) {
    const [loaded] = await test.load(bytes);
    assert.deepEqual(loaded?.names, ['docker.io/team/app:1.0', 'docker.io/library/app:latest']);
  }
  const root = await test.root('team/app:1.0');
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  assert.deepEqual(
    [read('app'), read('same'), read('old/new'), read('usr/lib/module')],
    ['two', 'two', 'new', 'in usr'],
  );
  assert.deepEqual([existsSync(join(root, 'gone')), existsSync(join(root, 'old/file'))], [false, false]);
  assert.equal(statSync(join(root, 'app')).ino, statSync(join(root, 'same')).ino);
  assert.ok(lstatSync(join(root, 'lib')).isSymbolicLink());
  assert.deepEqual(test.leftovers(), []);
  assert.equal(test.images.list().length, 1);
});

test('an OCI layout is read from a folder and from an archive of it, for this platform', async () => {
  using test = start();
  const layout = join(test.folder, 'layout');
  mkdirSync(layout);
  writeOciLayout(layout, { ...made, names: ['registry.example/app:2'] });
  const [loaded] = await test.images.load(layout);
  assert.deepEqual(loaded?.names, ['registry.example/app:2']);
  assert.equal(readFileSync(join(await test.root('registry.example/app:2'), 'app'), 'utf8'), 'two');
});

test('how to run it is what its configuration says', async () => {
  using test = start();
  await test.load(dockerSave(made));
  const image = await test.find('app');
  assert.deepEqual(image?.config, {
    entrypoint: ['/app'],
    cmd: ['--all'],
    env: { PATH: '/bin', MODE: 'a=b' },
    fieldEnv: {},
    workingDir: '/srv',
    user: 'web',
    exposedPorts: ['8080/tcp'],
  });
  const users = { web: '101:102', 'web:staff': '101:50', '7': '7:0', '7:9': '7:9', '101': '101:102', '': '0:0' };
  for (const [user, ids] of Object.entries(users)) {
    const { uid, gid } = imageUser({ ...image, config: { ...image.config, user } });
    assert.equal(`${uid}:${gid}`, ids, user);
  }
  assert.throws(
    () => imageUser({ ...image, config: { ...image.config, user: 'nobody' } }),
    /unable to find user nobody/,
  );
});

test('a name goes to the image that was loaded last, and an image goes with its last name', async () => {
  using test = start();
  const [first] = await test.load(dockerSave(made));
  const [second] = await test.load(dockerSave({ ...made, names: ['app:latest'], config: { Cmd: ['x'] } }));
  assert.equal((await test.find('app'))?.imageId, second?.id);
  assert.equal((await test.find('team/app:1.0'))?.imageId, first?.id);
  assert.equal(test.images.remove('team/app:1.0'), true);
  assert.deepEqual(
    test.images.list().map(({ id }) => id),
    [second?.id],
  );
  assert.equal(test.images.remove('nothing'), false);
  assert.equal(test.images.remove(second?.id.slice(0, 19) ?? ''), true);
  assert.deepEqual(test.images.list(), []);
});

test('an image without a name is called as its file', async () => {
  using test = start();
  const [loaded] = await test.load(dockerSave({ ...made, names: [] }));
  assert.deepEqual(loaded?.names, ['docker.io/library/app:latest']);
});

test('an archive that is no image, or not all of one, is refused and changes nothing', async () => {
  using test = start();
  const whole = dockerSave(made);
  const damaged = Buffer.from(whole);
  damaged.write('TWO', damaged.lastIndexOf('two'));
  const cases: [bytes: Buffer, error: RegExp][] = [
    [whole.subarray(0, 5000), /app.tar: the archive is cut off/],
    [gzipSync(whole).subarray(0, 800), /app.tar: unexpected end of file/],
    [Buffer.from('not an archive at all'.repeat(100)), /this is no tar archive/],
    [Buffer.alloc(0), /cut off/],
    [makeTar([{ name: 'x', body: 'x' }]), /neither a manifest.json.*nor an index.json/],
    [makeTar([{ name: 'manifest.json', body: '[{"Config":"a","Layers":["b"]}]' }]), /its part a is missing/],
    [makeTar([{ name: 'manifest.json', body: '[{"Config":"../../etc/hosts","Layers":[]}]' }]), /is missing/],
    [damaged, /layer 2 is damaged/],
  ];
  for (const [bytes, error] of cases) await assert.rejects(test.load(bytes), error, String(error));
  assert.deepEqual(test.images.list(), []);
  assert.deepEqual(test.leftovers(), []);
});

test('no name and no link in an archive leads out of its root', async () => {
  using test = start();
  const outside = join(test.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), 'kept');
  symlinkSync('/', join(outside, 'link'));
  const evil: MadeEntry[] = [
    { name: '../../../outside/a', body: 'x' },
    { name: `${outside}/b`, body: 'x' },
    { name: 'out', type: '2', target: outside },
    { name: 'out/c', body: 'x' },
    { name: 'up', type: '2', target: '../../../../../outside' },
    { name: 'up/d', body: 'x' },
    { name: 'up/.wh.kept' },
    { name: 'out/.wh..wh..opq' },
    { name: 'device', type: '3' },
  ];
  await test.load(
    dockerSave({ names: ['evil'], layers: [evil, [{ name: 'out/.wh.kept' }, { name: '../outside/.wh.kept' }]] }),
  );
  assert.deepEqual(readdirSync(outside).sort(), ['kept', 'link']);
  const root = await test.root('evil');
  assert.equal(existsSync(join(root, 'device')), false);
  for (const path of [`outside/a`, `${outside}/b`]) assert.ok(existsSync(join(root, path)), path);
  const hard = [{ name: 'in', type: '1', target: `${outside}/kept` }];
  await assert.rejects(test.load(dockerSave({ names: ['hard'], layers: [hard] })), /ENOENT/);
  const hides = [{ name: '.wh...' }];
  await assert.rejects(test.load(dockerSave({ names: ['hides'], layers: [hides] })), /hides/);
});
