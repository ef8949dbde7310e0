import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { type Codec, encode } from '../registry/encoding.ts';
import { Cached, type Convert } from '../watch/cached.ts';
import { ConvertedCache } from '../watch/converted-cache.ts';
import { applyDefaults } from './schema/defaults.ts';
import type { JsonSchema } from './schema/json-schema.ts';
import { prune } from './schema/prune.ts';

/**
 * One version of a custom kind, of whose versions one is stored. Conversion None changes nothing but the version's name; what is
 * read is pruned and gets the defaults of the version that it is read in.
 */
export function customCodec(kind: Kind, options: { schema: JsonSchema; storageVersion: string }): Codec {
  const { schema, storageVersion } = options;
  const stored: Kind = { ...kind, version: storageVersion };
  const convert: Convert = (object) => {
    object.apiVersion = apiVersionOf(kind);
    prune(object, schema);
    applyDefaults(object, schema);
    return object;
  };
  const write = (object: KubeObject): string => encode(stored, object);
  return {
    storedAs: stored,
    encode: write,
    decode: (entry) => new Cached(entry, convert),
    // Where the definition now stores another version or has new defaults, a write that changes nothing still rewrites.
    isStored: (object, current) =>
      isDeepStrictEqual(object, current.object) &&
      isDeepStrictEqual(JSON.parse(write(object)), JSON.parse(current.stored)),
    view: (cache) => new ConvertedCache(cache, convert),
  };
}
