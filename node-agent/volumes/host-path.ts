import { lstatSync, mkdirSync, type Stats, statSync, writeFileSync } from 'node:fs';

/** The types of a `hostPath` volume ("hostPath volume types", Kubernetes documentation) that must be there before. */
const checks: Readonly<Record<string, { is: (stats: Stats) => boolean; called: string }>> = {
  Directory: { is: (stats) => stats.isDirectory(), called: 'a directory' },
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), called: 'a directory' },
  File: { is: (stats) => stats.isFile(), called: 'a file' },
  FileOrCreate: { is: (stats) => stats.isFile(), called: 'a file' },
  Socket: { is: (stats) => stats.isSocket(), called: 'a socket file' },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), called: 'a character device' },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), called: 'a block device' },
};

/** Makes the path where its type says so, and checks that it is what the type says. Throws in the kubelet's words. */
export function prepareHostPath({ path, type = '' }: { path: string; type?: string | undefined }): string {
  if (!exists(path)) {
    // Without a type the container's engine makes a folder, as Docker does.
    if (type === 'DirectoryOrCreate' || type === '') mkdirSync(path, { recursive: true, mode: 0o755 });
    if (type === 'FileOrCreate') writeFileSync(path, '', { mode: 0o644 });
  }
  const check = checks[type];
  if (check && !(exists(path) && check.is(statSync(path))))
    throw new Error(`hostPath type check failed: ${path} is not ${check.called}`);
  return path;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
