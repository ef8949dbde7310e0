import { badRequest } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';

/** The container that a request means. Throws 400 where it has to name one. */
export function containerOf(pod: Pod, asked: string | null): string {
  const containers = (pod.spec?.containers ?? []).map(({ name }) => name);
  const inits = (pod.spec?.initContainers ?? []).map(({ name }) => name);
  const ephemeral = (pod.spec?.ephemeralContainers ?? []).map(({ name }) => name);
  const { name } = pod.metadata;
  if (asked) {
    if ([...containers, ...inits, ...ephemeral].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return only;
  const choices = `choose one of: [${containers.join(' ')}]`;
  const initChoices = inits.length ? ` or one of the init containers: [${inits.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${name}, ${choices}${initChoices}`);
}
