import { builtInImage } from './built-in-images.ts';
import { emptyConfig, type Image, ImageError } from './image.ts';
import { formatImageReference, type ImageReference, parseImageReference } from './image-reference.ts';

export interface ImageStoreOptions {
  /** What becomes of an image that is not here: `host` runs its command on the host's own programs, `none` refuses it. */
  readonly fallback: 'host' | 'none';
  /** Whether containers could write to the host's files, as they are plain processes. */
  readonly writable?: boolean;
  /** Images that were loaded into the cluster. */
  readonly loaded?: LoadedImages;
}

/** The images that a user loaded, unpacked. */
export interface LoadedImages {
  find(reference: ImageReference): Promise<Image | undefined>;
}

export interface ResolveOptions {
  /** As in a container's `imagePullPolicy`. */
  readonly pullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /** The container's own, which tell whether the host's programs can stand in. */
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  /** Whether somebody sits at its terminal: images for that start a shell. */
  readonly interactive?: boolean;
}

/** Finds what a container runs from. Nothing is pulled: images are built in, loaded, or the host stands in for them. */
export class ImageStore {
  readonly #options: ImageStoreOptions;

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** Rejects with an {@link ImageError}. May be repeated; what it gives may change when images are loaded. */
  async resolve(text: string, options: ResolveOptions = {}): Promise<Image> {
    const reference = parseImageReference(text);
    if (reference === undefined) {
      throw new ImageError(
        'InvalidImageName',
        `Failed to apply default image tag ${quote(text)}: couldn't parse image name ${quote(text)}: invalid reference format`,
      );
    }
    const loaded = await this.#options.loaded?.find(reference);
    if (loaded !== undefined) return loaded;
    const name = formatImageReference(reference);
    const builtIn = builtInImage(reference.repository.split('/').at(-1) ?? '');
    if (builtIn !== undefined) return { ...builtIn, name };
    if (options.pullPolicy === 'Never') {
      throw new ImageError(
        'ErrImageNeverPull',
        `Container image ${quote(text)} is not present with pull policy of Never`,
      );
    }
    if (this.#options.fallback === 'host') {
      if (hasProgram(options)) return this.#hostImage(name, text);
      if (options.interactive === true && !options.args?.length)
        return { ...this.#hostImage(name, text), config: { ...emptyConfig, cmd: ['sh'] } };
    }
    throw new ImageError('ErrImagePull', `${missing(text)} ${this.#remedy()}`);
  }

  #hostImage(name: string, text: string): Image {
    const imageId = `host://${name}`;
    const way = this.#options.writable === true ? '' : ', which are mounted read-only';
    return {
      imageId,
      name,
      source: 'host',
      filesystem: { type: 'host', id: imageId, programs: [] },
      config: emptyConfig,
      warning: `${missing(text)} Its command runs on this host's own programs instead${way}.`,
    };
  }

  #remedy(): string {
    const load = `Load one with "skiff image load FILE", where FILE comes from "docker save" or is an OCI layout`;
    return this.#options.fallback === 'host'
      ? `${load}, or give the container a command, which then runs on this host's own programs.`
      : `${load}.`;
  }
}

/** `kubectl run --image=busybox -- sleep 60` gives args alone, as such images have no entrypoint; options of one are no program. */
function hasProgram({ command = [], args = [] }: ResolveOptions): boolean {
  return command.length > 0 || (args[0] !== undefined && !args[0].startsWith('-'));
}

function missing(text: string): string {
  return `Image ${quote(text)} is not in this cluster, which pulls none from registries.`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
