import { readFileSync } from 'node:fs';
import type { KubeObject } from '@skiff/api/meta';
import type { ApiResource } from '../../resource.ts';
import { CommandError } from '../failure.ts';
import { qualifiedName } from '../resources/resource-mapper.ts';
import { customColumnLines, customColumns, customColumnsFile } from './custom-columns.ts';
import { goJson } from './go-json.ts';
import { JsonPath, SinglePath } from './json-path.ts';
import { TabWriter, tableTabs } from './tab-writer.ts';
import { toYaml } from './yaml.ts';

/** An object with the resource that it is of. */
export interface Printable {
  readonly object: KubeObject;
  readonly resource: ApiResource;
}

export interface ObjectPrinterOptions {
  readonly showManagedFields?: boolean;
  readonly headers?: boolean;
  /** For names: what was done, as `created`. */
  readonly operation?: string;
}

/** Writes objects in a form that `-o` names. */
export interface ObjectPrinter {
  /** Whether several objects become one List. */
  readonly asList: boolean;
  /** What is written for one object; of a List, for the whole of it. */
  format(value: KubeObject, resource?: ApiResource): string;
}

const allowed = 'custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,wide,yaml';

/** The printer of an output form. Throws where there is no such form. */
export function objectPrinter(output: string, options: ObjectPrinterOptions = {}): ObjectPrinter {
  const equals = output.indexOf('=');
  const [form, argument] = equals < 0 ? [output, ''] : [output.slice(0, equals), output.slice(equals + 1)];
  const show = (object: KubeObject): KubeObject => (options.showManagedFields ? object : withoutManagedFields(object));
  switch (form) {
    case 'json':
      return { asList: true, format: (object) => `${goJson(show(object), '    ')}\n` };
    case 'yaml': {
      let before = '';
      return {
        asList: true,
        format: (object) => {
          const text = before + toYaml(show(object));
          before = '---\n';
          return text;
        },
      };
    }
    case 'name':
      return {
        asList: false,
        format: (object, resource) =>
          `${resource ? qualifiedName(resource, object.metadata.name) : object.metadata.name}\n`,
      };
    case 'jsonpath-as-json': {
      const path = new SinglePath(argument);
      return { asList: true, format: (object) => `${goJson(path.values(show(object)), '    ')}\n` };
    }
    case 'jsonpath':
    case 'jsonpath-file': {
      if (argument === '') throw new CommandError('template format specified but no template given');
      const template = new JsonPath(form === 'jsonpath' ? argument : readFileSync(argument, 'utf8'));
      return { asList: true, format: (object) => template.format(show(object)) };
    }
    case 'custom-columns':
    case 'custom-columns-file': {
      const columns = form === 'custom-columns' ? customColumns(argument) : customColumnsFile(argument);
      const tabs = new TabWriter(tableTabs);
      let headers = options.headers ?? true;
      return {
        asList: true,
        format: (object) => {
          const items = object.kind.endsWith('List') && Array.isArray(object['items']) ? object['items'] : [object];
          const text = tabs.format(customColumnLines(columns, items, headers));
          headers = false;
          return text;
        },
      };
    }
    default:
      throw new CommandError(
        `unable to match a printer suitable for the output format ${JSON.stringify(output)}, allowed formats are: ${allowed}`,
      );
  }
}

/** The record of who owns which field is long and rarely wanted. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  if (Array.isArray(object['items'])) return { ...object, items: object['items'].map(withoutManagedFields) };
  if (!object.metadata?.managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** What kubectl makes of several objects. */
export function listOf(items: readonly KubeObject[], metadata: object = { resourceVersion: '' }): KubeObject {
  // A List has no name.
  return { apiVersion: 'v1', items, kind: 'List', metadata } as unknown as KubeObject;
}
