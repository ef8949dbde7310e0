import type { Pod } from '@skiff/api/types';
import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';

const defaultContainer = 'kubectl.kubernetes.io/default-container';

/** The container that is meant: the named one, the annotated one, or the first, which is then said. */
export function containerOf(
  session: Session,
  pod: Pod,
  options: { asked?: string | undefined; quiet?: boolean } = {},
): string {
  const { asked, quiet = false } = options;
  const containers = (pod.spec?.containers ?? []).map(({ name }) => name);
  const inits = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => name);
  if (asked) {
    if ([...containers, ...inits, ...ephemeral].includes(asked)) return asked;
    throw new CommandError(`container ${asked} not found in pod ${pod.metadata.name}`);
  }
  const annotated = pod.metadata.annotations?.[defaultContainer];
  if (annotated && containers.includes(annotated)) return annotated;
  const [first] = containers;
  if (first === undefined) throw new CommandError(`pod ${pod.metadata.name} has no containers`);
  const all = [...containers, ...ephemeral.map((name) => `${name} (ephem)`), ...inits.map((name) => `${name} (init)`)];
  if (all.length > 1 && !quiet) session.err(`Defaulted container ${JSON.stringify(first)} out of: ${all.join(', ')}`);
  return first;
}
