import { jsonEqual } from '@skiff/api/json-value';
import type { Kind } from '@skiff/api/kinds';
import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { Encoded, Entry } from '../storage/store.ts';
import { Cached } from '../watch/cached.ts';
import type { ObjectCache } from '../watch/object-cache.ts';

/** The text that every stored object of a kind begins with; lists leave it out of their items. */
export const encodedHead = (kind: Kind): string => `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`;

/** An object as the store keeps it: kind first, and without the version, which is the revision. */
export function encode(kind: Kind, object: KubeObject): Encoded {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = object;
  const { resourceVersion: _revision, ...meta } = metadata;
  return JSON.stringify({ kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: meta, ...rest });
}

/** Between a kind's objects as they are stored and as they are served in one version. */
export interface Codec {
  /** The kind that is stored: its name and group are in the keys. */
  readonly storedAs: Kind;
  encode(object: KubeObject): Encoded;
  decode(entry: Entry): Cached;
  /** Whether an object is what is stored already, so that writing it would change nothing. */
  isStored(object: KubeObject, current: Cached): boolean;
  /** What is stored, as it is served. */
  view(stored: ObjectCache): ObjectCache;
}

/** Of kinds that are stored as they are served. */
export function plainCodec(kind: Kind): Codec {
  return {
    storedAs: kind,
    encode: (object) => encode(kind, object),
    decode: (entry) => new Cached(entry),
    isStored: (object, current) => jsonEqual(object, current.object),
    view: (stored) => stored,
  };
}
