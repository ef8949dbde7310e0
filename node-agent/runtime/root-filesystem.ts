import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { bindLine, fstabLine } from './fstab.ts';
import type { ContainerConfig, Mount, RootFilesystem } from './runtime.ts';
import type { ContainerFiles } from './state-folder.ts';

/** Folders of the host that a container of the host image sees, where the host has them. */
const hostFolders = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'nix'];
/** What no container should read even where the cluster runs as real root. */
const secretFiles = ['shadow', 'shadow-', 'gshadow', 'gshadow-', 'sudoers', 'ssh', 'sudoers.d', 'ssl/private'];
const openFolders = ['tmp', 'var/tmp', 'dev/shm'];
const emptyFolders = [
  'dev/pts',
  'etc',
  'home',
  'mnt',
  'opt',
  'proc',
  'root',
  'run',
  'srv',
  'sys',
  'var/log',
  'var/lib',
];

/**
 * Fills the skeleton that a container's memory starts with, and returns the lines of fstab(5) which then make its root.
 * Mount points of the configuration are made here too; the mounts themselves are the launcher's.
 */
export function prepareRoot(files: ContainerFiles, config: ContainerConfig): string {
  for (const folder of [files.skeleton, files.fs, files.root]) mkdirSync(folder, { recursive: true });
  return config.image.type === 'host' ? hostRoot(files, config, config.image) : layersRoot(files, config.image);
}

/** Parents before what is mounted below them; targets made plain and checked. */
export function orderedMounts(mounts: readonly Mount[]): Mount[] {
  return mounts
    .map((mount) => {
      if (!mount.target.startsWith('/')) throw new Error(`the mount target "${mount.target}" is not an absolute path`);
      if (!existsSync(mount.source))
        throw new Error(`the source "${mount.source}" of the mount ${mount.target} is not there`);
      return { ...mount, target: normalize(mount.target).replace(/(.)\/$/, '$1') };
    })
    .sort((a, b) => a.target.split('/').length - b.target.split('/').length);
}

function layersRoot(files: ContainerFiles, image: RootFilesystem & { type: 'layers' }): string {
  for (const name of ['upper', 'work']) mkdirSync(join(files.skeleton, name), { recursive: true });
  return overlayLine(files.root, image.layers.toReversed().join(':'), join(files.fs, 'upper'), join(files.fs, 'work'));
}

function hostRoot(files: ContainerFiles, config: ContainerConfig, image: RootFilesystem & { type: 'host' }): string {
  const root = join(files.skeleton, 'root');
  for (const folder of [...emptyFolders, ...openFolders]) mkdirSync(join(root, folder), { recursive: true });
  for (const folder of openFolders) chmodSync(join(root, folder), 0o1777);
  for (const name of ['etc', 'etc-work']) mkdirSync(join(files.skeleton, name), { recursive: true });
  if (!existsSync(join(root, 'var/run'))) symlinkSync('../run', join(root, 'var/run'));

  const etc = overlayLine(join(files.root, 'etc'), '/etc', join(files.fs, 'etc'), join(files.fs, 'etc-work'));
  const lines = [bindLine({ source: join(files.fs, 'root'), target: files.root }), etc];
  for (const name of secretFiles) {
    const secret = join('/etc', name);
    if (!existsSync(secret)) continue;
    const cover = statSync(secret).isDirectory() ? join(root, 'mnt') : '/dev/null';
    lines.push(bindLine({ source: cover, target: join(files.root, secret) }));
  }
  for (const name of hostFolders) {
    const folder = join('/', name);
    if (!existsSync(folder) || existsSync(join(root, name))) continue;
    if (lstatSync(folder).isSymbolicLink()) symlinkSync(readlinkSync(folder), join(root, name));
    else {
      mkdirSync(join(root, name), { recursive: true });
      lines.push(bindLine({ source: folder, target: join(files.root, name), readOnly: true }));
    }
  }
  const programs = orderedMounts(image.programs);
  for (const mount of [...programs, ...orderedMounts(config.mounts)]) makeMountPoint(files, mount, config.mounts);
  for (const mount of programs) lines.push(bindLine({ ...mount, readOnly: true }, join(files.root, mount.target)));
  return lines.join('');
}

/** The file or folder in the skeleton that `mount` will cover. */
function makeMountPoint(files: ContainerFiles, mount: Mount, others: readonly Mount[]): void {
  const [, top = '', ...rest] = mount.target.split('/');
  if (hostFolders.includes(top)) {
    if (existsSync(mount.target)) return;
    throw new Error(`${mount.target} can't be mounted: /${top} is the host's own, read-only, and has no such path`);
  }
  const parent = others.findLast((other) => mount.target.startsWith(`${other.target}/`));
  const place =
    parent !== undefined
      ? join(parent.source, mount.target.slice(parent.target.length))
      : top === 'etc'
        ? join(files.skeleton, 'etc', ...rest)
        : join(files.skeleton, 'root', mount.target);
  if (existsSync(place)) return;
  const isFolder = statSync(mount.source).isDirectory();
  mkdirSync(isFolder ? place : dirname(place), { recursive: true });
  if (!isFolder) writeFileSync(place, '');
}

function overlayLine(target: string, lower: string, upper: string, work: string): string {
  // userxattr: overlayfs otherwise marks files by attributes that a user namespace may not write.
  return fstabLine('overlay', target, 'overlay', [
    `lowerdir=${lower}`,
    `upperdir=${upper}`,
    `workdir=${work}`,
    'userxattr',
  ]);
}
