/**
 * Writes the schema of every type that Skiff serves, from the declarations of @kubernetes/client-node. Runs when the
 * packages are installed: `attributeTypeMap` of each model gives fields and types, its `.d.ts` gives what is required and the
 * descriptions. The output is not committed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kinds, views } from '../kinds.ts';
import { quantities } from './go-types.ts';
import type { Descriptions, Structure } from './structure.ts';

/** What subresources, options and answers need beside the kinds and their lists. */
const extra = [
  'V1Status',
  'V1DeleteOptions',
  'V1WatchEvent',
  'V1Scale',
  'V1Binding',
  'V1Eviction',
  'AuthenticationV1TokenRequest',
  'V1TokenReview',
  'V1SelfSubjectReview',
  'V1SubjectAccessReview',
  'V1SelfSubjectAccessReview',
  'V1LocalSubjectAccessReview',
  'V1SelfSubjectRulesReview',
  'V1APIResourceList',
  'V1APIGroup',
  'V1APIGroupList',
  'V1APIVersions',
  'VersionInfo',
];

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  Date: 'time',
  V1MicroTime: 'microTime',
  IntOrString: 'intOrString',
  any: 'any',
  object: 'any',
};
const formats: Readonly<Record<string, string>> = {
  byte: 'bytes',
  int32: 'int32',
  int64: 'int64',
  double: 'double',
  'date-time-micro': 'microTime',
};

/** A type of the generator as a type expression: `Array<V1Container>` is `[]V1Container`. */
function typeOf(type: string, format: string): string {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined) return `[]${typeOf(list, format)}`;
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined) return `{}${typeOf(map, format)}`;
  if (type === 'number') return formats[format] ?? 'int64';
  if (type === 'string' || type === 'Date') return formats[format] ?? scalars[type] ?? 'string';
  return scalars[type] ?? type;
}

/** The text of a doc comment as people read it. */
function plainText(comment: string | undefined): string {
  return (comment ?? '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join(' ')
    .replace(/\\(['"])/g, '$1')
    .trim();
}

interface Declaration {
  readonly description: string;
  readonly fields: ReadonlyMap<string, { readonly required: boolean; readonly description: string }>;
}

function readDeclaration(source: string): Declaration {
  const head = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export declare class/.exec(source);
  const fields = new Map<string, { required: boolean; description: string }>();
  for (const match of source.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^ {4}'([^']+)'(\??):/gm)) {
    const [, comment, name = '', optional] = match;
    fields.set(name, { required: optional === '', description: plainText(comment) });
  }
  return { description: plainText(head?.[1]), fields };
}

const models = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen', 'models');

async function attributesOf(model: string): Promise<readonly Attribute[]> {
  const module: Record<string, { attributeTypeMap: readonly Attribute[] }> = await import(
    pathToFileURL(join(models, `${model}.js`)).href
  );
  const found = module[model];
  if (!found) throw new Error(`@kubernetes/client-node has no model "${model}"`);
  return found.attributeTypeMap;
}

/** The models that a type expression names: none or one. */
const modelIn = (type: string): string | undefined =>
  /[A-Z]\w*$/.exec(type.replace(/^intOrString$|microTime$/, ''))?.[0];

async function generate(): Promise<{ structure: Structure; descriptions: Descriptions }> {
  const structure: Structure = {};
  const descriptions: Descriptions = {};
  const waiting = [...[...kinds, ...views].flatMap(({ model }) => [model, `${model}List`]), ...extra];
  for (let model = waiting.pop(); model !== undefined; model = waiting.pop()) {
    if (structure[model]) continue;
    const declaration = readDeclaration(readFileSync(join(models, `${model}.d.ts`), 'utf8'));
    const fields: Record<string, string> = {};
    const texts: Record<string, string> = { '': declaration.description };
    for (const attribute of await attributesOf(model)) {
      const declared = declaration.fields.get(attribute.name);
      if (!declared) throw new Error(`${model}.d.ts does not declare "${attribute.name}"`);
      const quantity = quantities[model]?.includes(attribute.baseName) ?? false;
      const type = typeOf(attribute.type, attribute.format);
      fields[attribute.baseName] =
        (quantity ? type.replace('string', 'quantity') : type) + (declared.required ? '!' : '');
      if (declared.description) texts[attribute.baseName] = declared.description;
      const referred = modelIn(type);
      if (referred) waiting.push(referred);
    }
    structure[model] = fields;
    descriptions[model] = texts;
  }
  return { structure, descriptions };
}

const folder = fileURLToPath(new URL('./generated/', import.meta.url));
const { structure, descriptions } = await generate();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'structure.json'), JSON.stringify(structure));
writeFileSync(join(folder, 'descriptions.json'), JSON.stringify(descriptions));
