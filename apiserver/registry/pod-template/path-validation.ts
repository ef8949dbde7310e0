import { invalidValue } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';

/** Paths of files that a Pod gets: they may not lead out of where they belong. */
export function noBacksteps(field: string, path: string): StatusCause[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : [];
}

/** A path below another one. */
export function relativePath(field: string, path: string): StatusCause[] {
  const absolute = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : [];
  return [...absolute, ...noBacksteps(field, path)];
}

/** The path of a file in a volume; names that begin with two dots are the kubelet's. */
export function volumeFilePath(field: string, path: string): StatusCause[] {
  const causes = relativePath(field, path);
  if (path.startsWith('..') && path !== '..' && !path.startsWith('../')) {
    causes.push(invalidValue(field, path, "must not start with '..'"));
  }
  return causes;
}

/** Permissions of a file, as a number. */
export function fileMode(field: string, mode: number | undefined): StatusCause[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}
