import { goJson } from '@skiff/api/go-json';
import type { KubeObject } from '@skiff/api/meta';
import { describe } from '@skiff/api/schema/structure';
import { ageOf } from '../table/age.ts';
import type { Cell, Column, Printer } from '../table/columns.ts';
import type { DefinitionVersion } from './definition/definition.ts';
import { JsonPath } from './json-path.ts';

type PrinterColumn = NonNullable<DefinitionVersion['additionalPrinterColumns']>[number];

/** What a kind shows beside names where its definition names no columns. */
const ageColumn = (): PrinterColumn => ({
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: describe('V1ObjectMeta', 'creationTimestamp'),
});

/** How objects of a custom kind show as a table (upstream: apiextensions-apiserver/pkg/registry/customresource/tableconvertor). */
export function customPrinter({ additionalPrinterColumns }: DefinitionVersion): Printer {
  const asked = additionalPrinterColumns?.length ? additionalPrinterColumns : [ageColumn()];
  const paths = asked.map(({ jsonPath }) => JsonPath.parse(jsonPath));
  // A path that is none ends the columns.
  const end = paths.indexOf(undefined);
  const given = end < 0 ? asked : asked.slice(0, end);
  const shown = given.map((column, index) => ({ column, path: paths[index] }));
  const name: Column = {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: describe('V1ObjectMeta', 'name'),
    priority: 0,
  };
  const columns = given.map(
    ({ name, type, format = '', description, priority = 0, jsonPath }): Column => ({
      name,
      // Validation knows five types, all of which clients know.
      type: type as Column['type'],
      format,
      description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority,
    }),
  );
  return {
    columns: [name, ...columns],
    cells: (object: KubeObject, now: Date) => [
      object.metadata.name,
      ...shown.map(({ column, path }) => cell(column.type, path?.find(object)[0], now)),
    ],
  };
}

const isTime = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));

function cell(type: string, value: unknown, now: Date): Cell {
  if (value === undefined) return null;
  switch (type) {
    case 'string':
      if (value === null) return '<no value>';
      return typeof value === 'object' ? goJson(value) : String(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      if (value === '') return '<unknown>';
      return isTime(value) ? ageOf(value, now) : '<invalid>';
    default:
      return null;
  }
}
