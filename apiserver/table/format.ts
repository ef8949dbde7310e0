/** Pieces of cells that several kinds share. */
import { none } from './columns.ts';

/** `a=1,b=2`, sorted; `<none>` where there is nothing. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length ? pairs.sort().join(',') : none;
}

interface Requirement {
  key: string;
  operator: string;
  values?: readonly string[] | null;
}

/** A LabelSelector as one reads it: `app=x,tier in (a,b),!legacy`. */
export function formatSelector(
  selector: { matchLabels?: Record<string, string>; matchExpressions?: readonly Requirement[] } | undefined,
): string {
  const terms = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = [...(values ?? [])].sort().join(',');
    if (operator === 'In') terms.push({ key, text: `${key} in (${list})` });
    else if (operator === 'NotIn') terms.push({ key, text: `${key} notin (${list})` });
    else terms.push({ key, text: operator === 'Exists' ? key : `!${key}` });
  }
  terms.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return terms.length ? terms.map((term) => term.text).join(',') : none;
}

/** At most three, and how many more there are. */
export function firstThree(list: readonly string[], empty: string): string {
  const shown = list.slice(0, 3).join(',');
  if (list.length > 3) return `${shown} + ${list.length - 3} more...`;
  return shown || empty;
}

/** The names and images of containers, for the wide columns of workloads. */
export function containerCells(containers: readonly { name: string; image?: string }[] | undefined): [string, string] {
  return [
    (containers ?? []).map(({ name }) => name).join(','),
    (containers ?? []).map(({ image }) => image ?? '').join(','),
  ];
}
