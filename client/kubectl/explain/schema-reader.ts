import { CommandError } from '../failure.ts';

/** The part of an OpenAPI v3 schema that is explained. */
export interface OpenApiSchema {
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly OpenApiSchema[];
  readonly oneOf?: readonly OpenApiSchema[];
  readonly items?: OpenApiSchema;
  readonly properties?: Readonly<Record<string, OpenApiSchema>>;
  readonly additionalProperties?: OpenApiSchema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

export interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, OpenApiSchema>> };
}

/** A field that was walked to, or the kind itself. */
export interface Field {
  readonly name?: string;
  /** As the field's owner has it: its description may be another than the type's own. */
  readonly schema: OpenApiSchema;
  readonly required: boolean;
}

const refPrefix = '#/components/schemas/';

/** Finds its way in an OpenAPI document. */
export class SchemaReader {
  readonly #document: OpenApiDocument;

  constructor(document: OpenApiDocument) {
    this.#document = document;
  }

  schemaOfKind(wanted: { group: string; version: string; kind: string }): OpenApiSchema | undefined {
    return Object.values(this.#document.components?.schemas ?? {}).find((schema) =>
      schema['x-kubernetes-group-version-kind']?.some(
        ({ group, version, kind }) => group === wanted.group && version === wanted.version && kind === wanted.kind,
      ),
    );
  }

  walk(root: OpenApiSchema, names: readonly string[]): Field {
    let field: Field = { schema: root, required: false };
    for (const name of names) {
      const owner = this.inner(field.schema);
      const schema = owner.properties?.[name];
      if (!schema) throw new CommandError(`field ${JSON.stringify(name)} does not exist`);
      field = { name, schema, required: owner.required?.includes(name) ?? false };
    }
    return field;
  }

  /** What a reference leads to. */
  resolve(schema: OpenApiSchema): OpenApiSchema {
    const ref = refOf(schema);
    return (ref && this.#document.components?.schemas?.[ref.slice(refPrefix.length)]) || schema;
  }

  /** The schema whose properties a field's are: of lists and maps, that of their members. */
  inner(schema: OpenApiSchema): OpenApiSchema {
    const resolved = this.resolve(schema);
    if (resolved.items) return this.inner(resolved.items);
    if (!resolved.properties && typeof resolved.additionalProperties === 'object')
      return this.inner(resolved.additionalProperties);
    return resolved;
  }

  /** `string`, `[]Container`, `map[string]string`, `PodSpec`. */
  typeName(schema: OpenApiSchema): string {
    const ref = refOf(schema);
    if (ref) {
      const { type } = this.resolve(schema);
      if (type !== undefined && type !== 'object' && type !== 'array') return type;
      return nameOf(ref);
    }
    if (schema.type === 'array' && schema.items) return `[]${this.typeName(schema.items)}`;
    if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
      return `map[string]${this.typeName(schema.additionalProperties)}`;
    if (schema.type === 'object' || schema.type === undefined) return 'Object';
    return schema.type;
  }
}

const refOf = (schema: OpenApiSchema): string | undefined =>
  schema.$ref ?? schema.allOf?.find(({ $ref }) => $ref)?.$ref ?? schema.oneOf?.find(({ $ref }) => $ref)?.$ref;

const nameOf = (ref: string): string => ref.split('.').pop() ?? ref;

/** A field, what it means, and the fields below it. */
export function describeField(reader: SchemaReader, field: Field): string {
  const { name, schema } = field;
  const inner = reader.inner(schema);
  const type = reader.typeName(schema);
  const title = name === undefined ? '' : `FIELD: ${name} <${type}>\n\n\n`;
  // What the field is for comes first, and then what its type is.
  const texts = [schema.description, ...(refOf(schema) || schema.items ? [inner.description] : [])].filter(
    (text) => text !== undefined && text !== '',
  );
  const description =
    texts.length > 0 ? [...new Set(texts)].map((text) => `${wrapped(text ?? '', 4)}\n`).join('') : '    <empty>\n';
  const properties = Object.entries(inner.properties ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fields = properties.map(([fieldName, property]) => {
    const required = inner.required?.includes(fieldName) ? ' -required-' : '';
    const text = property.description ?? '';
    const values = property.enum ? `  enum: ${property.enum.join(', ')}\n` : '';
    return `  ${fieldName}\t<${reader.typeName(property)}>${required}\n${values}${text ? wrapped(text, 4) : '    <no description>'}\n\n`;
  });
  const enumeration = schema.enum
    ? `ENUM:\n${schema.enum.map((value) => `    ${String(value) || '""'}\n`).join('')}\n`
    : '';
  const list = fields.length > 0 ? `FIELDS:\n${fields.join('')}` : '';
  return `${title}${enumeration}DESCRIPTION:\n${description}    \n${list}`;
}

/** The names of all fields below, without their descriptions. */
export function fieldTree(reader: SchemaReader, field: Field): string {
  const { name, schema } = field;
  const inner = reader.inner(schema);
  const title = name === undefined ? '' : `FIELD: ${name} <${reader.typeName(schema)}>\n\n`;
  const description = schema.description ?? inner.description;
  return `${title}DESCRIPTION:\n${wrapped(description ?? '', 4)}\n    \nFIELDS:\n${branches(reader, inner, { level: 1, seen: new Set([inner]) })}`;
}

function branches(
  reader: SchemaReader,
  schema: OpenApiSchema,
  { level, seen }: { level: number; seen: ReadonlySet<OpenApiSchema> },
): string {
  return Object.entries(schema.properties ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, property]) => {
      const required = schema.required?.includes(name) ? ' -required-' : '';
      const indent = '  '.repeat(level);
      const values = property.enum ? `${indent}enum: ${property.enum.join(', ')}\n` : '';
      const line = `${indent}${name}\t<${reader.typeName(property)}>${required}\n${values}`;
      const inner = reader.inner(property);
      if (!inner.properties || seen.has(inner)) return line;
      return line + branches(reader, inner, { level: level + 1, seen: new Set([...seen, inner]) });
    })
    .join('');
}

const lineWidth = 80;

/** Lines of at most 80 columns, each paragraph for itself. */
function wrapped(text: string, indent: number): string {
  const margin = ' '.repeat(indent);
  return text
    .split('\n')
    .map((paragraph) => {
      const lines = [''];
      for (const word of paragraph.split(' ')) {
        const last = lines.at(-1) ?? '';
        const next = last === '' ? word : `${last} ${word}`;
        if (next.length + indent > lineWidth && last !== '') lines.push(word);
        else lines[lines.length - 1] = next;
      }
      return lines.map((line) => margin + line).join('\n');
    })
    .join('\n');
}
