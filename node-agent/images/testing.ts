import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** An entry of an archive that a test makes. */
export interface MadeEntry {
  readonly name: string;
  /** `0` a file, `1` a hard link, `2` a link, `5` a folder, as in the archive. */
  readonly type?: string;
  readonly target?: string;
  readonly mode?: number;
  readonly body?: Buffer | string;
}

/** A tar archive, made by hand, so that it can have what no program would write. */
export function makeTar(entries: readonly MadeEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', target = '', mode = 0o644, body = '' }) => {
    const bytes = Buffer.from(body);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    for (const at of [108, 116]) header.write('0000000\0', at);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157, 100);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export interface MadeImage {
  readonly names: readonly string[];
  /** The lowest first. */
  readonly layers: readonly (readonly MadeEntry[])[];
  readonly config?: object;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function configOf({ config = {}, layers }: MadeImage): Buffer {
  const diff_ids = layers.map((layer) => `sha256:${sha256(makeTar(layer))}`);
  return Buffer.from(
    JSON.stringify({ architecture: 'any', os: 'linux', config, rootfs: { type: 'layers', diff_ids } }),
  );
}

/** As `docker save` writes it. */
export function dockerSave(image: MadeImage): Buffer {
  const layers = image.layers.map((_layer, index) => `${index}/layer.tar`);
  const manifest = [{ Config: 'config.json', RepoTags: image.names, Layers: layers }];
  return makeTar([
    ...image.layers.map((layer, index) => ({ name: `${index}/layer.tar`, body: makeTar(layer) })),
    { name: 'config.json', body: configOf(image) },
    { name: 'manifest.json', body: JSON.stringify(manifest) },
  ]);
}

/** An OCI layout in a folder, its layers compressed. */
export function writeOciLayout(folder: string, image: MadeImage): void {
  const blob = (bytes: Buffer): { digest: string; size: number } => {
    const digest = sha256(bytes);
    mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(folder, 'blobs/sha256', digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const layers = image.layers.map((layer) => blob(gzipSync(makeTar(layer))));
  const manifest = blob(Buffer.from(JSON.stringify({ schemaVersion: 2, config: blob(configOf(image)), layers })));
  const annotations = { 'io.containerd.image.name': image.names[0] };
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const index = blob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          { ...blob(Buffer.from('{}')), platform: { os: 'plan9', architecture } },
          { ...manifest, platform: { os: 'linux', architecture } },
        ],
      }),
    ),
  );
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...index, annotations }] }),
  );
}

/** Programs of this machine, with the libraries that they need, as a layer: the smallest image that runs. */
export function programsLayer(programs: readonly string[]): MadeEntry[] {
  const files = new Set(programs);
  for (const program of programs) {
    const output = execFileSync('ldd', [program], { encoding: 'utf8' });
    for (const [, path = ''] of output.matchAll(/(\/\S+) \(0x/g)) files.add(path);
  }
  const folders = new Set([...files].flatMap((path) => foldersAbove(path)));
  return [
    ...[...folders].sort().map((name) => ({ name: name.slice(1), type: '5', mode: 0o755 })),
    ...[...files].map((path) => ({ name: path.slice(1), mode: 0o755, body: readFileSync(path) })),
  ];
}

function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === '/' ? [] : [...foldersAbove(folder), folder];
}
