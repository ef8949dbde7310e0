import { readFileSync } from 'node:fs';

/**
 * The fields of each model and their types, as the generator writes them: `[]T` is a list, `{}T` a map of strings to T, a
 * capital letter begins the name of another model, anything else is a scalar; `!` at the end: required.
 */
export type Structure = Record<string, Record<string, string>>;
/** The description of each model (under the empty name) and of its fields. */
export type Descriptions = Record<string, Record<string, string>>;

function readGenerated(name: string): string {
  try {
    return readFileSync(new URL(`./generated/${name}`, import.meta.url), 'utf8');
  } catch (cause) {
    throw new Error(`the schema is not generated: run "node api/schema/generate.ts", as npm install does`, { cause });
  }
}

let structure: Structure | undefined;
let descriptions: Descriptions | undefined;

/** Read once, when it is first asked for. */
export function loadStructure(): Structure {
  structure ??= JSON.parse(readGenerated('structure.json')) as Structure; // our own generator's
  return structure;
}

/** What a model (or one of its fields) is for; large, so it is read only when asked for. */
export function describe(model: string, field = ''): string {
  descriptions ??= JSON.parse(readGenerated('descriptions.json')) as Descriptions; // our own generator's
  return descriptions[model]?.[field] ?? '';
}
