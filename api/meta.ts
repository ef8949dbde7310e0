import type { V1ObjectMeta } from '@kubernetes/client-node';

/**
 * A type of @kubernetes/client-node as it is on the wire: times are RFC 3339 strings, and the underscore that its generator
 * puts before reserved words (`_continue`, `_default`, `_from`) is gone.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T as Key extends `_${infer Name}` ? Name : Key]: Wire<T[Key]> }
      : T;

/** ObjectMeta as it is on the wire. */
export type ObjectMeta = Wire<V1ObjectMeta>;

/** The metadata of an object that a server has answered with: it has a name. */
export type StoredMeta = ObjectMeta & { name: string };

/** Any object of any kind, with the four fields that all have. Objects out of a cache are read-only. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: StoredMeta;
  [field: string]: unknown;
}

/** A kind of @kubernetes/client-node as a server answers with it: `Stored<V1Pod>`. */
export type Stored<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'> & {
  apiVersion: string;
  kind: string;
  metadata: StoredMeta;
};

/** Names one object of a known kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Writes a key as controllers, logs and queues know it: `namespace/name`, or `name` for cluster-scoped kinds. */
export function formatKey(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** Reads what {@link formatKey} wrote. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The key of an object. */
export function keyOf(object: { metadata: { name: string; namespace?: string } }): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}
