import { isDeepStrictEqual } from 'node:util';
import { apiVersionOf, kindNamed, type View } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { Cached, type Convert } from '../../watch/cached.ts';
import { ConvertedCache } from '../../watch/converted-cache.ts';
import { type Codec, encode } from '../encoding.ts';
import { modelShape } from '../shape.ts';
import type { Strategy } from '../strategy.ts';

/** Between the form in which a kind is stored and another one. Both ways take and give objects of their own, without loss. */
export interface Conversion {
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
}

/** A conversion whose results are in the form that Kubernetes writes, under the names of their kinds. */
export function complete(view: View, conversion: Conversion): Conversion {
  const stored = kindNamed(view.of);
  const [viewShape, storedShape] = [modelShape(view.model), modelShape(stored.model)];
  return {
    toStored(object) {
      const converted = { ...conversion.toStored(object), kind: stored.kind, apiVersion: apiVersionOf(stored) };
      storedShape.normalize(converted);
      return converted;
    },
    fromStored(object) {
      const converted = { ...conversion.fromStored(object), kind: view.kind, apiVersion: apiVersionOf(view) };
      viewShape.normalize(converted);
      return converted;
    },
  };
}

/** Stores the objects of a view in the form of the kind that it is a view of. */
export function viewCodec(view: View, conversion: Conversion): Codec {
  const stored = kindNamed(view.of);
  const convert: Convert = (object) => conversion.fromStored(object);
  return {
    storedAs: stored,
    encode: (object) => encode(stored, conversion.toStored(object)),
    decode: (entry) => new Cached(entry, convert),
    isStored: (object, current) => isDeepStrictEqual(object, current.object),
    view: (cache) => new ConvertedCache(cache, convert),
  };
}

/** Gives an object the members of another one; whoever holds it sees them. */
function replace(object: object, members: object): void {
  for (const name of Object.keys(object)) if (!Object.hasOwn(members, name)) Reflect.deleteProperty(object, name);
  Object.assign(object, members);
}

/** The rules of the stored kind, for a view of it. */
export function viewStrategy(stored: Strategy, conversion: Conversion): Strategy {
  const { toStored, fromStored } = conversion;
  /** Runs what changes a stored object on one of the view. */
  const through = (object: KubeObject, change: (object: KubeObject) => void): void => {
    const converted = toStored(structuredClone(object));
    change(converted);
    const { metadata, ...fields } = fromStored(converted);
    replace(object.metadata, metadata);
    replace(object, { ...fields, metadata: object.metadata });
  };
  const copy = (object: KubeObject): KubeObject => toStored(structuredClone(object));
  return {
    ...(stored.nameRule && { nameRule: stored.nameRule }),
    ...(stored.updateCreates && { updateCreates: true }),
    default: (object, old) => through(object, (one) => stored.default?.(one, old && copy(old))),
    prepareForCreate: (object, context) => through(object, (one) => stored.prepareForCreate?.(one, context)),
    prepareForUpdate: (object, old, context) =>
      through(object, (one) => stored.prepareForUpdate?.(one, copy(old), context)),
    validate: (object, context) => stored.validate?.(copy(object), context) ?? [],
    validateUpdate: (object, old, context) => stored.validateUpdate?.(copy(object), copy(old), context) ?? [],
  };
}
