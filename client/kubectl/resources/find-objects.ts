import type { KubeObject } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { Session } from '../session.ts';
import type { Selection, Target } from './selection.ts';

/** An object as the server has it, and what asked for it. */
export interface Found {
  readonly object: KubeObject;
  readonly target: Target;
}

export interface FindOptions {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly ignoreNotFound?: boolean;
  /** Told of each failure, and the others are found all the same. Without it the first is thrown. */
  readonly onError?: (error: unknown) => void;
}

/** The objects that a selection means: lists are read, names are got. */
export async function* findObjects(
  session: Session,
  { targets }: Pick<Selection, 'targets'>,
  options: FindOptions = {},
): AsyncGenerator<Found> {
  const { labelSelector, fieldSelector, ignoreNotFound, onError } = options;
  for (const target of targets) {
    const { resource, namespace, name } = target;
    const client = session.client.objects(resource);
    try {
      if (name !== undefined) {
        const object = await client.get({ namespace, name }, { signal: session.signal });
        yield { object, target };
        continue;
      }
      const { items } = await client.list({ namespace, labelSelector, fieldSelector, signal: session.signal });
      for (const object of items) {
        const { namespace: own, name: found } = object.metadata;
        yield { object, target: { resource, name: found, ...(own !== undefined && { namespace: own }) } };
      }
    } catch (error) {
      if (ignoreNotFound && isNotFound(error)) continue;
      if (!onError) throw error;
      onError(error);
    }
  }
}
