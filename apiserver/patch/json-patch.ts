import { badRequest, StatusError } from '@skiff/api/status';
import jsonPatch from 'fast-json-patch';

/** As kube-apiserver: more operations than this in one patch are refused with 413. */
const maxOperations = 10_000;
/** As kube-apiserver: what all copies of a patch add may not be more than a body may be long. */
const maxCopiedBytes = 3 * 1024 * 1024;

const operations = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const reserved = new Set(['__proto__', 'constructor', 'prototype']);

interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
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

/** Refuses pointers that reach a prototype, and array indexes that RFC 6901 does not allow (`01`). */
function checkPointer(pointer: unknown, target: unknown): void {
  if (typeof pointer !== 'string') throw cannotApply('a path must be a string');
  if (pointer === '') return;
  if (!pointer.startsWith('/')) throw cannotApply(`path "${pointer}" does not begin with "/"`);
  let at: unknown = target;
  for (const raw of pointer.slice(1).split('/')) {
    const token = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (reserved.has(token)) throw cannotApply(`path "${pointer}" names "${token}"`);
    if (Array.isArray(at)) {
      if (token !== '-' && !/^(0|[1-9]\d{0,8})$/.test(token)) throw cannotApply(`"${token}" is no list index`);
      at = at[Number(token)];
    } else {
      at = typeof at === 'object' && at !== null && Object.hasOwn(at, token) ? Reflect.get(at, token) : undefined;
    }
  }
}

function parent(pointer: string): { container: string; token: string } {
  const slash = pointer.lastIndexOf('/');
  return {
    container: pointer.slice(0, slash),
    token: pointer
      .slice(slash + 1)
      .replaceAll('~1', '/')
      .replaceAll('~0', '~'),
  };
}

/** Whether a path leads to a member that a map does not have. */
function isMissing(document: object, path: string): boolean {
  if (path === '') return false;
  const { container, token } = parent(path);
  const holder: unknown = container === '' ? document : jsonPatch.getValueByPointer(document, container);
  return typeof holder === 'object' && holder !== null && !Array.isArray(holder) && !Object.hasOwn(holder, token);
}

/** Applies a JSON Patch (RFC 6902) to a copy. Throws 400 for what is no patch and 422 for one that does not fit. */
export function applyJsonPatch<T extends object>(target: T, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is a list of operations');
  if (patch.length > maxOperations) {
    throw new StatusError({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    });
  }
  let copied = 0;
  let document: object = structuredClone(target);
  for (const given of patch) {
    // A patch comes from outside: its shape is checked here, operation by operation.
    const operation = given as Operation;
    if (typeof operation !== 'object' || operation === null) throw badRequest('error decoding patch: not an operation');
    if (!operations.has(operation.op)) throw cannotApply(`unknown operation "${String(operation.op)}"`);
    checkPointer(operation.path, document);
    if (operation.op === 'move' || operation.op === 'copy') checkPointer(operation.from, document);
    if (operation.op === 'copy') {
      copied += JSON.stringify(jsonPatch.getValueByPointer(document, operation.from ?? '') ?? null).length;
      if (copied > maxCopiedBytes) {
        throw cannotApply(`the accumulated size increase of copy is ${copied}, exceeding the limit ${maxCopiedBytes}`);
      }
    }
    const { op, path, value = null } = operation;
    // kube-apiserver's library is more lenient than RFC 6902: what is missing is null to a test, and `replace` may make it.
    if (op === 'test' && value === null && isMissing(document, path)) continue;
    if (op === 'test') operation.value = value;
    const lenient = op === 'replace' && isMissing(document, path) ? { ...operation, op: 'add' } : operation;
    try {
      const result = jsonPatch.applyOperation(document, lenient as never, true);
      if (result.newDocument === undefined) throw new Error('nothing is left');
      document = result.newDocument as object;
    } catch (error) {
      // The library's messages repeat the whole document after the first line.
      throw cannotApply(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
    }
  }
  return document;
}
