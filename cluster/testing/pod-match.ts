import type { ObjectMeta } from '@skiff/api/meta';

/** Which Pods are meant: those that have all of what is given. */
export interface PodMatch {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The container that is meant; all of the Pod's where absent. */
  readonly container?: string;
}

export function matchesPod(match: PodMatch, metadata: ObjectMeta): boolean {
  const { namespace, name, labels = {} } = match;
  return (
    (namespace === undefined || namespace === metadata.namespace) &&
    (name === undefined || name === metadata.name) &&
    Object.entries(labels).every(([label, value]) => metadata.labels?.[label] === value)
  );
}

export const matchesContainer = (match: PodMatch, name: string): boolean =>
  match.container === undefined || match.container === name;
