import { badRequest, StatusError } from '@skiff/api/status';
import jsonPatch from 'fast-json-patch';

/** As kube-apiserver: more operations than this in one patch are refused with 413. */
const maxOperations = 10_000;
/** As kube-apiserver: what all copies of a patch add may not be more than a body may be long. */
const maxCopiedBytes = 3 * 1024 * 1024;

interface Operation {
  op?: unknown;
  path?: unknown;
  from?: unknown;
  value?: unknown;
}

/** 422 without causes: the patch is well formed and cannot be applied to this object. */
function cannotApply(message: string): StatusError {
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `the server rejected our request due to an error in our request: ${message}`,
    details: {},
  });
}

/**
 * kube-apiserver's library reads indexes as Go's Atoi does (`01` is 1), and counts negative ones from the end: -1 is the last
 * of `length` places.
 */
function indexOf(key: string, length: number): number {
  if (!/^[+-]?\d+$/.test(key)) throw cannotApply(`"${key}" is no list index`);
  const index = Number(key);
  if (index >= length || index < -length) throw cannotApply(`Unable to access invalid index: ${key}`);
  return index < 0 ? index + length : index;
}

const missing = Symbol('missing');

/** A place in a document: its pointer as RFC 6901 writes it, and what is there. */
interface Place {
  readonly pointer: string;
  readonly value: unknown;
}

/**
 * Follows a pointer. As kube-apiserver's library does, it does not look at what stands before the first slash; what objects
 * inherit is not there for it. Where something is to be added to a list, its end is a place, too.
 */
function placeOf(root: object, pointer: unknown, { adds = false }: { adds?: boolean } = {}): Place {
  if (typeof pointer !== 'string') throw cannotApply('a path must be a string');
  const keys = pointer.split('/').slice(1);
  if (keys.length === 0) throw cannotApply(`doc is missing path: "${pointer}"`);
  let value: unknown = root;
  const followed = keys.map((raw, depth) => {
    const holder = value;
    if (typeof holder !== 'object' || holder === null) throw cannotApply(`doc is missing path: "${pointer}"`);
    if (Array.isArray(holder)) {
      const adding = adds && depth === keys.length - 1;
      if (adding && raw === '-') return raw;
      const index = indexOf(raw, adding ? holder.length + 1 : holder.length);
      value = holder[index];
      return String(index);
    }
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Object.hasOwn(holder, key) ? Reflect.get(holder, key) : missing;
    return raw;
  });
  return { pointer: `/${followed.join('/')}`, value };
}

/** Has one operation of RFC 6902 done. Mutates. */
function run(root: object, operation: jsonPatch.Operation): void {
  try {
    jsonPatch.applyOperation(root, operation, true);
  } catch (error) {
    // The library's messages repeat the whole document after the first line.
    throw cannotApply(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

/** Applies one operation as kube-apiserver's library does; returns how many bytes it copied. Mutates the root. */
function perform(root: object, { op, path, from, value: given = null }: Operation): number {
  const add = (value: unknown): void =>
    run(root, { op: 'add', path: placeOf(root, path, { adds: true }).pointer, value });
  switch (op) {
    case 'add':
      add(given);
      return 0;
    case 'remove':
      run(root, { op, path: placeOf(root, path).pointer });
      return 0;
    case 'replace': {
      const { pointer, value } = placeOf(root, path);
      run(root, { op: value === missing ? 'add' : op, path: pointer, value: given });
      return 0;
    }
    case 'test': {
      const { pointer, value } = placeOf(root, path);
      if (value !== missing || given !== null) run(root, { op, path: pointer, value: given });
      return 0;
    }
    case 'move': {
      const source = placeOf(root, from);
      run(root, { op: 'remove', path: source.pointer });
      add(source.value);
      return 0;
    }
    case 'copy': {
      const { value } = placeOf(root, from);
      const copied = value === missing ? null : value;
      add(structuredClone(copied));
      return JSON.stringify(copied).length;
    }
    default:
      throw cannotApply(`unknown operation "${String(op)}"`);
  }
}

/**
 * Applies a JSON Patch (RFC 6902) to a copy. Throws 400 for what is no patch and 422 for one that does not fit. It is as lenient
 * as kube-apiserver's library (github.com/evanphx/json-patch, v4): a value that is not given is null, what is missing is null to
 * `test` and `copy`, `replace` may make a member, and a patch that is null changes nothing.
 */
export function applyJsonPatch(target: object, patch: unknown): unknown {
  const operations: unknown = patch ?? [];
  if (!Array.isArray(operations)) throw badRequest('error decoding patch: a JSON patch is a list of operations');
  if (operations.length > maxOperations) {
    throw new StatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`,
    });
  }
  const isOperation = (given: unknown): boolean => typeof given === 'object' && !Array.isArray(given);
  if (!operations.every(isOperation)) throw badRequest('error decoding patch: not an operation');
  const patched = structuredClone(target);
  let copied = 0;
  for (const operation of operations) {
    copied += perform(patched, operation ?? {});
    if (copied > maxCopiedBytes) {
      throw cannotApply(`the accumulated size increase of copy is ${copied}, exceeding the limit ${maxCopiedBytes}`);
    }
  }
  return patched;
}
