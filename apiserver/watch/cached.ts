import type { KubeObject } from '@skiff/api/meta';
import type { Encoded, Entry, Revision } from '../storage/store.ts';

/** Turns a stored object, which is its own, into the one that is served. */
export type Convert = (stored: KubeObject) => KubeObject;

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
  readonly #convert: Convert | undefined;
  #stored: Encoded | undefined;
  #object: KubeObject | undefined;
  #json: Encoded | undefined;

  /** `convert` is for objects that are not served as they are stored. */
  constructor(entry: Entry, convert?: Convert) {
    this.#convert = convert;
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

  /** What is in the store: the object as it is stored, where that is another. */
  get stored(): Encoded {
    return this.#stored ?? this.json;
  }

  /** The object as a JSON text. */
  get json(): Encoded {
    if (this.#json === undefined) {
      const stored = this.#convert ? undefined : this.#stored;
      this.#json = (stored && withVersion(stored, this.revision)) ?? JSON.stringify(this.object);
      // It holds all that this one did.
      if (!this.#convert) this.#stored = undefined;
    }
    return this.#json;
  }

  #parse(): KubeObject {
    // The store holds only what the registry encoded, so this is an object with metadata.
    const stored: KubeObject = JSON.parse(this.#stored ?? this.#json ?? '');
    if (!this.#convert) this.#stored = undefined;
    const object = this.#convert?.(stored) ?? stored;
    // First, as in the text: which of the two is made of the other is not to show.
    const resourceVersion = String(this.revision);
    object.metadata = Object.assign({ resourceVersion }, object.metadata, { resourceVersion });
    return frozen ? freeze(object) : object;
  }
}

const metadataBegins = '"metadata":{';

/**
 * A stored text with the object's version in it, without parsing and encoding it again: most objects are only sent on. Stored objects have
 * their metadata third (registry/encoding.ts), behind names that hold no quotes. Undefined where a text is of another form.
 */
function withVersion(stored: Encoded, revision: Revision): Encoded | undefined {
  const at = stored.indexOf(metadataBegins) + metadataBegins.length;
  if (at < metadataBegins.length || stored[at] !== '"') return undefined;
  return `${stored.slice(0, at)}"resourceVersion":"${revision}",${stored.slice(at)}`;
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
