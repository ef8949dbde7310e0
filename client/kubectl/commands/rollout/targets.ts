import { CommandError, throwAll } from '../../failure.ts';
import { type Found, findObjects } from '../../resources/find-objects.ts';
import { fileFlags, select, selectorFlags } from '../../resources/selection.ts';
import type { Session } from '../../session.ts';

export const rolloutFlags = { ...fileFlags, selector: selectorFlags.selector } as const;

interface RolloutFlags {
  readonly filename: string[];
  readonly recursive: boolean;
  readonly selector: string | undefined;
}

/** Does something to each object that a rollout command means, and throws what failed at the end. */
export async function eachTarget(
  session: Session,
  { flags, args, act }: { flags: RolloutFlags; args: readonly string[]; act: (found: Found) => Promise<void> },
): Promise<void> {
  const selection = await select(session, {
    args,
    files: flags.filename,
    recursive: flags.recursive,
    selected: flags.selector !== undefined,
    allowLists: true,
    hint: 'required resource not specified',
  });
  const errors: unknown[] = [];
  const objects = findObjects(session, selection, {
    labelSelector: flags.selector,
    onError: (error) => void errors.push(error),
  });
  let count = 0;
  for await (const found of objects) {
    count++;
    await act(found).catch((error: unknown) => errors.push(error));
  }
  if (count === 0 && errors.length === 0)
    throw new CommandError(`No resources found in ${session.namespace} namespace.`);
  throwAll(errors);
}
