import type { KubeObject } from '@skiff/api/meta';
import type { Encoded, Entry, Revision } from '../storage/store.ts';

/**
 * One state of one object, as the watch cache shares it with every reader: parsed and encoded at most once, both with
 * `metadata.resourceVersion`. Read-only: `structuredClone` it before changing it (under node:test it is frozen).
 */
export class Cached {
  readonly key: string;
  readonly revision: Revision;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** Whether a write of it as it is changes what is stored: it is kept in another version, or without what now is a default. */
  readonly stale: boolean = false;
  #stored: Encoded | undefined;
  #object: KubeObject | undefined;
  #json: Encoded | undefined;

  constructor(entry: Entry) {
    this.key = entry.key;
    this.revision = entry.revision;
    const [, , namespace = '', name = ''] = entry.key.split('/', 4);
    this.namespace = namespace;
    this.name = name;
    this.#stored = entry.value;
  }

  get object(): KubeObject {
    this.#object ??= this.#parse();
    return this.#object;
  }

  /** The object as a JSON text. */
  get json(): Encoded {
    this.#json ??= JSON.stringify(this.object);
    return this.#json;
  }

  #parse(): KubeObject {
    // The store holds only what the registry encoded, so this is an object with metadata.
    const object: KubeObject = JSON.parse(this.#stored ?? '');
    this.#stored = undefined;
    object.metadata.resourceVersion = String(this.revision);
    return frozen ? freeze(object) : object;
  }
}

/** Tests find whoever writes to a shared object; in production freezing would cost more than it tells. */
const frozen = process.env['NODE_TEST_CONTEXT'] !== undefined;

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
