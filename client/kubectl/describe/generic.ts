import type { KubeObject } from '@skiff/api/meta';
import { byBytes } from '../print/go-json.ts';
import type { Describer } from './describer.ts';
import { Lines } from './lines.ts';

/** Objects of kinds that have no describer of their own: their fields, in words. */
export const describeAnything: Describer<KubeObject> = (object, { events }) => {
  const { metadata } = object;
  const lines = new Lines()
    .add(`Name:\t${metadata.name}`)
    .add(`Namespace:\t${metadata.namespace ?? ''}`)
    .labels('Labels', metadata.labels)
    .annotations(metadata.annotations);
  const { name: _, namespace: __, labels: ___, annotations: ____, managedFields: _____, ...others } = metadata;
  const shown = { ...object, metadata: others };
  describeMembers(lines, shown, 0);
  return lines.raw(events).text;
};

function describeMembers(lines: Lines, members: Readonly<Record<string, unknown>>, level: number): void {
  for (const [name, value] of Object.entries(members).toSorted(([a], [b]) => byBytes(titleOf(a), titleOf(b)))) {
    const title = titleOf(name);
    if (Array.isArray(value)) {
      lines.add(`${title}:`, level);
      for (const item of value) {
        if (isMap(item)) describeMembers(lines, item, level + 1);
        else lines.add(String(item), level + 1);
      }
    } else if (isMap(value)) {
      lines.add(`${title}:`, level);
      describeMembers(lines, value, level + 1);
    } else if (value !== undefined) lines.add(`${title}:\t${value === null ? '<nil>' : String(value)}`, level);
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `creationTimestamp` becomes `Creation Timestamp`. */
function titleOf(name: string): string {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) return name;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  const titled = words.charAt(0).toUpperCase() + words.slice(1);
  return titled.replace(/\b(Api|Uid|Ip|Url|Id)\b/g, (word) => word.toUpperCase());
}
