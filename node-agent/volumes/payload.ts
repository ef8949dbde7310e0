import type { ConfigMap, Secret } from '@skiff/api/types';
import { fieldValue } from '../pods/field-path.ts';
import { type Allocatable, resourceValue } from '../pods/resource-field.ts';
import type { NodePod, Volume } from '../pods/types.ts';
import type { Payload, PayloadFile } from './atomic-writer.ts';

type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[] | undefined;
type DownwardItems = NonNullable<Volume['downwardAPI']>['items'];

/** A volume's source is not there, or lacks what is asked of it. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

interface DataOptions {
  /** As in messages: `configmap`, `secret`. */
  readonly kind: string;
  readonly name: string;
  readonly items: Items;
  readonly optional: boolean;
  readonly mode: number;
}

/** The files of a ConfigMap or a Secret: all of its keys, or those that `items` name. Throws a {@link VolumeError}. */
export function dataPayload(object: ConfigMap | Secret | undefined, options: DataOptions): Payload {
  const files = new Map<string, PayloadFile>();
  if (object === undefined) {
    if (options.optional) return files;
    throw new VolumeError(`${options.kind} "${options.name}" not found`);
  }
  const content = contentOf(object, options.kind);
  if (!options.items?.length) {
    for (const [key, data] of content) files.set(key, { content: data, mode: options.mode });
    return files;
  }
  for (const { key, path, mode = options.mode } of options.items) {
    const data = content.get(key);
    if (data !== undefined) files.set(path, { content: data, mode });
    else if (!options.optional) throw new VolumeError(`references non-existent ${options.kind} key: ${key}`);
  }
  return files;
}

function contentOf(object: ConfigMap | Secret, kind: string): Map<string, Buffer> {
  const isSecret = kind === 'secret';
  const plain = Object.entries(object.data ?? {}).map(([key, text]): [string, Buffer] => [
    key,
    Buffer.from(text, isSecret ? 'base64' : 'utf8'),
  ]);
  const binary = 'binaryData' in object ? Object.entries(object.binaryData ?? {}) : [];
  return new Map([...plain, ...binary.map(([key, text]): [string, Buffer] => [key, Buffer.from(text, 'base64')])]);
}

/** The files that tell a Pod about itself. */
export function downwardPayload(
  pod: NodePod,
  items: DownwardItems,
  { mode, allocatable }: { mode: number; allocatable: Allocatable },
): Payload {
  const files = new Map<string, PayloadFile>();
  for (const item of items ?? []) {
    const { fieldRef, resourceFieldRef } = item;
    const container = pod.spec.containers.find(({ name }) => name === resourceFieldRef?.containerName);
    // Volumes can't ask for addresses: the API refuses it.
    const content = fieldRef
      ? fieldValue(pod, fieldRef.fieldPath, { podIP: '', hostIP: '' })
      : resourceFieldRef
        ? resourceValue(container, resourceFieldRef, allocatable)
        : '';
    files.set(item.path, { content, mode: item.mode ?? mode });
  }
  return files;
}
