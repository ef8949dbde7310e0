import type { KubeObject } from '@skiff/api/meta';
import { LabelSelector, type LabelSelectorObject } from '@skiff/api/selectors/label-selector';
import type { Pod } from '@skiff/api/types';
import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';
import { qualifiedPlural } from './resource-mapper.ts';
import { select } from './selection.ts';

/** The label selector of the Pods that an object stands for, as text; undefined where it has none. */
export function podSelectorOf(object: KubeObject): string | undefined {
  const { spec } = object as { spec?: { selector?: Record<string, unknown> } }; // whatever the kind, looked at with care
  const selector = spec?.selector;
  if (!selector) return undefined;
  if (object.kind === 'Service' || object.kind === 'ReplicationController') {
    const pairs = Object.entries(selector).map(([name, value]) => `${name}=${String(value)}`);
    return pairs.length > 0 ? pairs.join(',') : undefined;
  }
  return LabelSelector.from(selector as LabelSelectorObject).toString(); // the other kinds' selectors are such
}

/** The Pods that `pod`, `pod/NAME` or `deployment/NAME` means: the named one, or those of the object, the best first. */
export async function podsOf(session: Session, args: readonly string[], hint: string): Promise<Pod[]> {
  const [first = ''] = args;
  const words = first.includes('/') ? args : ['pods', ...args];
  const { targets } = await select(session, { args: words, hint });
  const [target] = targets;
  if (!target?.name) throw new CommandError(hint);
  const key = { namespace: target.namespace, name: target.name };
  if (target.resource.kind === 'Pod')
    return [await session.client.resource('Pod').get(key, { signal: session.signal })];
  const object = await session.client.objects(target.resource).get(key, { signal: session.signal });
  const labelSelector = podSelectorOf(object);
  if (labelSelector === undefined) {
    throw new CommandError(
      `cannot find the pods of ${qualifiedPlural(target.resource)}/${target.name}: it has no selector; name a pod instead`,
    );
  }
  const { items } = await session.client
    .resource('Pod')
    .list({ namespace: target.namespace, labelSelector, signal: session.signal });
  return items.toSorted(byUse);
}

/** Pods that are of use come first: scheduled, running, ready, and of those the one that has been so for the longest. */
function byUse(a: Pod, b: Pod): number {
  const phase = (pod: Pod): number => ({ Running: 0, Unknown: 1, Pending: 2 })[pod.status?.phase ?? ''] ?? 3;
  const ready = (pod: Pod): number =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ? 0 : 1;
  const made = (pod: Pod): string => pod.metadata.creationTimestamp ?? '';
  return (
    Number(!a.spec?.nodeName) - Number(!b.spec?.nodeName) ||
    phase(a) - phase(b) ||
    ready(a) - ready(b) ||
    (made(a) < made(b) ? -1 : made(a) > made(b) ? 1 : a.metadata.name < b.metadata.name ? -1 : 1)
  );
}
