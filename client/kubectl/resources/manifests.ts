import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import type { KubeObject } from '@skiff/api/meta';
import { parseAllDocuments } from 'yaml';
import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';

export interface Manifest {
  readonly object: KubeObject;
  /** The file, or `STDIN`. */
  readonly source: string;
}

/** Reads manifests: files, folders (`.json`, `.yaml`, `.yml`), URLs and `-` for standard input. Lists are taken apart. */
export async function* readManifests(
  session: Session,
  names: readonly string[],
  { recursive }: { recursive: boolean },
): AsyncGenerator<Manifest> {
  for (const name of names.flatMap((given) => given.split(','))) {
    for await (const { text, source } of textsOf(session, name, recursive)) {
      for (const object of objectsOf(text, source)) yield { object, source };
    }
  }
}

async function* textsOf(
  session: Session,
  name: string,
  recursive: boolean,
): AsyncGenerator<{ text: string; source: string }> {
  if (name === '-') yield { text: await textOf(session.io.stdin), source: 'STDIN' };
  else if (/^https?:/.test(name)) yield { text: await fetchText(name, session.signal), source: name };
  else {
    const path = resolve(session.io.cwd, name);
    if (!existsSync(path)) throw new CommandError(`the path ${JSON.stringify(name)} does not exist`);
    const files = statSync(path).isDirectory() ? filesIn(path, recursive).map((file) => join(name, file)) : [name];
    if (files.length === 0)
      throw new CommandError(`error reading [${name}]: recognized file extensions are [.json .yaml .yml]`);
    for (const file of files) yield { text: readFileSync(resolve(session.io.cwd, file), 'utf8'), source: file };
  }
}

function filesIn(folder: string, recursive: boolean): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory())
        return recursive ? filesIn(join(folder, entry.name), true).map((file) => join(entry.name, file)) : [];
      return ['.json', '.yaml', '.yml'].includes(extname(entry.name)) ? [entry.name] : [];
    });
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal });
  if (!answer.ok)
    throw new CommandError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${answer.status} ${answer.statusText}, status code=${answer.status}`,
    );
  return answer.text();
}

function objectsOf(text: string, source: string): KubeObject[] {
  // YAML 1.1, as every Kubernetes program reads it: `yes` is true.
  const documents = parseAllDocuments(text, { version: '1.1', merge: true });
  const parsed = Array.isArray(documents) ? documents : [];
  return parsed.flatMap((document) => {
    const [fault] = document.errors;
    if (fault)
      throw new CommandError(
        `error parsing ${source}: error converting YAML to JSON: yaml: ${fault.message.split('\n')[0]}`,
      );
    const value: unknown = document.toJS();
    if (value === null || value === undefined) return [];
    return checked(value, source);
  });
}

function checked(value: unknown, source: string): KubeObject[] {
  const fail = (what: string): never => {
    throw new CommandError(`unable to decode ${JSON.stringify(source)}: ${what}`);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail('it is no object');
  const { apiVersion, kind, items } = value as Record<string, unknown>; // an object of YAML
  if (typeof kind !== 'string' || kind === '') return fail(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return fail(`Object 'apiVersion' is missing in '${JSON.stringify(value)}'`);
  if (kind.endsWith('List') && Array.isArray(items)) return items.flatMap((item) => checked(item, source));
  const object = value as KubeObject; // it has the fields that make it one, but for metadata
  object.metadata ??= { name: '' };
  return [object];
}
