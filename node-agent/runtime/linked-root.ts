import { existsSync, lstatSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { orderedMounts } from './root-filesystem.ts';
import type { ContainerConfig, Mount } from './runtime.ts';
import type { ContainerFiles } from './state-folder.ts';

/**
 * Stands in for a container's root where nothing can be mounted: a folder with a link for each mount, at the path below it that the mount
 * would have. Beside it is `root.json`, which says the same to the preload of Node programs (preload/main.cjs).
 */
export class LinkedRoot {
  readonly path: string;
  readonly #mounts: readonly Mount[];

  /** Throws where a mount can't be had. */
  constructor(files: ContainerFiles, { image, mounts }: Pick<ContainerConfig, 'image' | 'mounts'>) {
    this.path = files.root;
    this.#mounts = orderedMounts([...(image.type === 'host' ? image.programs : []), ...mounts]);
  }

  make(): void {
    mkdirSync(join(this.path, 'tmp'), { recursive: true });
    for (const { source, target } of this.#mounts) link(source, join(this.path, target));
    // The preload takes the first that fits.
    const mounts = this.#mounts.map(({ source, target }) => ({ source, target })).reverse();
    writeFileSync(`${this.path}.json`, JSON.stringify({ mounts }));
  }

  /** The real path of one that is, or is below, the place of a mount. Any other text as it is. */
  realPath(text: string): string {
    const mount = this.#mounts.findLast(({ target }) => text === target || text.startsWith(`${target}/`));
    return mount === undefined ? text : mount.source + text.slice(mount.target.length);
  }

  /**
   * The same of each path in a text, as in a script for a shell. One that would want quotes there is replaced only where it is the whole
   * text.
   */
  realPaths(text: string): string {
    const whole = this.realPath(text);
    if (whole !== text) return whole;
    return text.replace(pathInText, (path) => {
      const real = this.realPath(path);
      return isPlain.test(real) ? real : path;
    });
  }

  /** A folder of a mount or of the host; what is not there is to be made below this root, which also stands for `/`. */
  folder(path: string): string {
    const real = this.realPath(path);
    return path !== '/' && (real !== path || existsSync(path)) ? real : join(this.path, path);
  }
}

/** From a blank, a quote or a sign of a shell to another. */
const pathInText = /(?<=^|[\s'"`=:,;<>|&({])\/[^\s'"`=:,;<>|&(){}$*?\\]+/g;
const isPlain = /^[\w@%+.,/:-]+$/;

/** Below another mount, what is there already stays: it is in a volume, and others' too. */
function link(source: string, place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(place);
  if (existsSync(place)) return;
  try {
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(source, place, statSync(source).isDirectory() ? 'dir' : 'file');
  } catch (error) {
    // In a volume that is not to be written to.
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error;
  }
}
