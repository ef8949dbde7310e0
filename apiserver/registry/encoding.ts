import type { Kind } from '@skiff/api/kinds';
import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import type { Encoded, Entry } from '../storage/store.ts';

/** The text that every stored object of a kind begins with; lists leave it out of their items. */
export const encodedHead = (kind: Kind): string => `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",`;

/** An object as the store keeps it: kind first, and without the version, which is the revision. */
export function encode(kind: Kind, object: KubeObject): Encoded {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = object;
  const { resourceVersion: _revision, ...meta } = metadata;
  return JSON.stringify({ kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: meta, ...rest });
}

/** An entry as an object that the caller owns. */
export function decode(entry: Entry): KubeObject {
  // The store holds only what encode wrote.
  const object: KubeObject = JSON.parse(entry.value);
  object.metadata.resourceVersion = String(entry.revision);
  return object;
}
