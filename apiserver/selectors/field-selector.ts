import type { KubeObject } from '@skiff/api/meta';
import { badRequest } from '@skiff/api/status';

/** Reads one field of an object; what is not there is empty. */
export type FieldReader = (object: KubeObject) => string;

const everywhere: Readonly<Record<string, FieldReader>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

/** Splits at commas and unescapes `\,`, `\=` and `\\` (upstream: apimachinery/pkg/fields/selector.go). */
function terms(text: string): string[] {
  return text.match(/(\\.|[^,\\])+/g) ?? [];
}

const withoutEscapes = (text: string): string => text.replace(/\\([\\,=])/g, '$1');

/**
 * Reads a field selector: `status.phase!=Running,spec.nodeName=node1`. `fields` are those of the kind beside its name and
 * namespace; others are 400, as is what is no selector.
 */
export function parseFieldSelector(
  text: string,
  fields: Readonly<Record<string, FieldReader>> = {},
): (object: KubeObject) => boolean {
  const conditions = terms(text).map((term) => {
    const match = /^((?:\\.|[^=!\\])*)(!=|==|=)((?:.|\n)*)$/.exec(term);
    const [, key = '', operator, raw = ''] = match ?? [];
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const read = Object.hasOwn(everywhere, key)
      ? everywhere[key]
      : Object.hasOwn(fields, key)
        ? fields[key]
        : undefined;
    if (!read) throw badRequest(`field label not supported: ${key}`);
    const wanted = withoutEscapes(raw);
    return (object: KubeObject): boolean => (read(object) === wanted) === (operator !== '!=');
  });
  return (object) => conditions.every((holds) => holds(object));
}
