import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { archiveFolder } from './archive-folder.ts';
import { type ArchivedImage, archivedImages } from './archived-image.ts';
import { readDecompressed } from './decompress.ts';
import { type Image, imagePath } from './image.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';
import type { LoadedImages } from './image-store.ts';
import { unpackLayer } from './unpack-layer.ts';

/** What is known of a loaded image, in `image.json` beside its `rootfs`. */
export interface LoadedImage {
  /** `sha256:...` of its configuration. */
  readonly id: string;
  readonly names: readonly string[];
  readonly loadedAt: string;
  /** Of its layers as they came, in bytes. */
  readonly size: number;
  readonly config: OciConfig;
}

/** The part of an image's configuration that says how to run it (OCI image specification, "Image Configuration"). */
interface OciConfig {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly StopSignal?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
}

/**
 * The images that were loaded into a cluster: a folder for each, named by its digest, with all layers unpacked on top of each other. All nodes
 * read it, `skiff image` writes it; an image appears complete or not at all.
 */
export class ImageFolder implements LoadedImages {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Loads all images of a file or folder. Rejects with what is wrong about it; then nothing has changed. */
  async load(file: string): Promise<LoadedImage[]> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const scratch = mkdtempSync(join(this.#folder, 'loading-'));
    try {
      const unpacked = join(scratch, 'archive');
      mkdirSync(unpacked);
      const archived = archivedImages(await archiveFolder(file, unpacked), {
        otherwise: basename(file).replace(/\.(tar|tgz|gz|oci|zst)\b/g, ''),
      });
      if (archived.length === 0) throw new Error('it has no images');
      const images: LoadedImage[] = [];
      for (const [index, image] of archived.entries()) images.push(await unpack(image, join(scratch, String(index))));
      images.forEach((image, index) => void this.#keep(image, join(scratch, String(index))));
      return images;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`cannot load ${file}: ${why}`, { cause: error });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  list(): LoadedImage[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .map((name) => join(this.#folder, name, 'image.json'))
      .filter((path) => !path.includes('/loading-') && existsSync(path))
      .map((path) => JSON.parse(readFileSync(path, 'utf8')) as LoadedImage); // written here
  }

  /** The image of a name, or of the start of a digest. */
  match(nameOrId: string): LoadedImage | undefined {
    const reference = parseImageReference(nameOrId);
    const whole = reference && formatImageReference(reference);
    const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/.exec(nameOrId)?.[1];
    const images = this.list();
    return (
      images.find(({ names }) => whole !== undefined && names.includes(whole)) ??
      images.find(({ id }) => hex !== undefined && id.startsWith(`sha256:${hex}`))
    );
  }

  /** Removes a name, and with its last one the image; by the start of its digest, the image with all its names. Answers with whether it was there. */
  remove(nameOrId: string): boolean {
    const image = this.match(nameOrId);
    if (image === undefined) return false;
    const reference = parseImageReference(nameOrId);
    const whole = reference && formatImageReference(reference);
    const names = image.names.filter((name) => name !== whole);
    if (names.length > 0 && names.length < image.names.length) this.#write({ ...image, names }, this.#path(image.id));
    else {
      // Not half there for a moment.
      const gone = join(this.#folder, `loading-removed-${Date.now()}`);
      renameSync(this.#path(image.id), gone);
      rmSync(gone, { recursive: true, force: true });
    }
    return true;
  }

  async find(reference: ImageReference): Promise<Image | undefined> {
    const name = formatImageReference(reference);
    const found = this.list().find(({ id, names }) => names.includes(name) || id === reference.digest);
    return found && toImage(found, { name, rootfs: join(this.#path(found.id), 'rootfs') });
  }

  #path(id: string): string {
    return join(this.#folder, id.slice('sha256:'.length));
  }

  #keep(image: LoadedImage, scratch: string): void {
    for (const other of this.list()) {
      const names = other.names.filter((name) => !image.names.includes(name));
      if (other.id !== image.id && names.length < other.names.length)
        this.#write({ ...other, names }, this.#path(other.id));
    }
    const path = this.#path(image.id);
    const before = this.list().find(({ id }) => id === image.id);
    if (before) this.#write({ ...before, names: [...new Set([...before.names, ...image.names])] }, path);
    else {
      this.#write(image, scratch);
      renameSync(scratch, path);
    }
  }

  #write(image: LoadedImage, folder: string): void {
    const path = join(folder, 'image.json');
    writeFileSync(`${path}.new`, JSON.stringify(image));
    renameSync(`${path}.new`, path);
  }
}

async function unpack({ names, configPath, layerPaths }: ArchivedImage, folder: string): Promise<LoadedImage> {
  const text = readFileSync(configPath);
  const id = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const { config = {}, rootfs } = JSON.parse(text.toString('utf8')) as {
    config?: OciConfig;
    rootfs?: { diff_ids?: string[] };
  }; // as the specification has it
  const root = join(folder, 'rootfs');
  mkdirSync(root, { recursive: true, mode: 0o755 });
  let size = 0;
  for (const [index, path] of layerPaths.entries()) {
    const hash = createHash('sha256');
    const bytes = hashed(await readDecompressed(path), (chunk) => {
      hash.update(chunk);
      size += chunk.length;
    });
    await unpackLayer(root, bytes).finally(() => bytes.destroy());
    const digest = `sha256:${hash.digest('hex')}`;
    const wanted = rootfs?.diff_ids?.[index];
    if (wanted !== undefined && wanted !== digest)
      throw new Error(`its layer ${index + 1} is damaged: ${digest}, not ${wanted}`);
  }
  return { id, names, loadedAt: new Date().toISOString(), size, config };
}

function hashed(stream: Readable, onChunk: (chunk: Buffer) => void): Readable {
  const through = new PassThrough();
  stream.on('data', onChunk).on('error', (error) => through.destroy(error));
  return stream.pipe(through);
}

function toImage({ id, config }: LoadedImage, { name, rootfs }: { name: string; rootfs: string }): Image {
  const env = Object.fromEntries((config.Env ?? []).map((text) => text.split(/=(.*)/s, 2)));
  return {
    imageId: id,
    name,
    source: 'loaded',
    filesystem: { type: 'layers', id, layers: [rootfs] },
    config: {
      entrypoint: config.Entrypoint ?? [],
      cmd: config.Cmd ?? [],
      env: { PATH: imagePath, ...env },
      fieldEnv: {},
      workingDir: config.WorkingDir || '/',
      user: config.User ?? '',
      exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    },
  };
}
