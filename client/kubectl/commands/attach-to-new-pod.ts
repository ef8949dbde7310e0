import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';

export async function attachToNewPod(session: Session, options: { name: string; flags: unknown }): Promise<void> {
  throw new CommandError(`attach ${options.name} ${typeof session}`);
}
