import { readFileSync, statSync } from 'node:fs';
import { formatImageReference, parseImageReference } from './image-reference.ts';
import { scopedPath } from './scoped-path.ts';

/** An image in an archive: its parts as files. */
export interface ArchivedImage {
  /** Whole names, with registry and tag. */
  readonly names: readonly string[];
  readonly configPath: string;
  /** The lowest first. */
  readonly layerPaths: readonly string[];
}

interface Descriptor {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * The images of an unpacked archive: of `docker save` by its manifest.json, of an OCI layout by its index.json. Where an image is there for
 * several platforms, the one of this machine. One that has no name is named `otherwise`. Throws where it is neither or parts are missing.
 */
export function archivedImages(folder: string, { otherwise }: { otherwise: string }): ArchivedImage[] {
  const named = (image: ArchivedImage): ArchivedImage =>
    image.names.length > 0 ? image : { ...image, names: wholeNames([otherwise]) };
  const docker = readIfThere(folder, 'manifest.json');
  if (Array.isArray(docker)) return docker.map((image) => dockerImage(folder, image)).map(named);
  const index = readIfThere(folder, 'index.json');
  if (index === undefined)
    throw new Error('it has neither a manifest.json, as from "docker save", nor an index.json, as an OCI layout');
  return ociImages(folder, index, []).map(named);
}

function dockerImage(
  folder: string,
  { Config, RepoTags, Layers }: { Config?: string; RepoTags?: string[] | null; Layers?: string[] },
): ArchivedImage {
  if (!Config || !Layers) throw new Error('its manifest.json names no Config or no Layers');
  return {
    names: wholeNames(RepoTags ?? []),
    configPath: partAt(folder, Config),
    layerPaths: Layers.map((layer) => partAt(folder, layer)),
  };
}

function ociImages(folder: string, index: unknown, names: readonly string[]): ArchivedImage[] {
  const { manifests = [] } = index as { manifests?: readonly Descriptor[] }; // as the specification has it
  return ofThisMachine(manifests).flatMap(({ digest, annotations = {} }) => {
    const own = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'] ?? '';
    // A mere tag is no name.
    const known = names.length > 0 ? names : wholeNames(/[:/]/.test(own) ? [own] : []);
    const manifest = read(blobAt(folder, digest)) as {
      manifests?: readonly Descriptor[];
      config?: Descriptor;
      layers?: readonly Descriptor[];
    }; // likewise
    if (manifest.manifests) return ociImages(folder, manifest, known);
    if (!manifest.config || !manifest.layers) throw new Error(`the manifest ${digest} names no config or no layers`);
    const layerPaths = manifest.layers.map((layer) => blobAt(folder, layer.digest));
    return [{ names: known, configPath: blobAt(folder, manifest.config.digest), layerPaths }];
  });
}

function ofThisMachine(manifests: readonly Descriptor[]): readonly Descriptor[] {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const images = manifests.filter(({ annotations }) => !annotations?.['vnd.docker.reference.type']);
  const fitting = images.filter(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === architecture),
  );
  if (images.length > 0 && fitting.length === 0) throw new Error(`it has no image for linux/${architecture}`);
  return fitting;
}

function blobAt(folder: string, digest: string | undefined): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest ?? '')) throw new Error(`"${digest}" is no digest`);
  return partAt(folder, `blobs/sha256/${digest?.slice('sha256:'.length)}`);
}

function partAt(folder: string, name: string): string {
  const path = scopedPath(folder, name, { followLast: true });
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new Error(`its part ${name} is missing`);
  return path;
}

function wholeNames(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const reference = parseImageReference(name);
    return reference ? formatImageReference(reference) : [];
  });
}

function readIfThere(folder: string, name: string): unknown {
  const path = scopedPath(folder, name, { followLast: true });
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? read(path) : undefined;
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
