import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CommandError } from '../../failure.ts';
import { list } from '../../flags.ts';
import { goJson } from '../../print/go-json.ts';

/** Flags that give the content of ConfigMaps and Secrets. */
export const dataFlags = { 'from-file': list(), 'from-literal': list(), 'from-env-file': list() } as const;

interface DataFlags {
  readonly 'from-file': string[];
  readonly 'from-literal': string[];
  readonly 'from-env-file': string[];
}

/** What the flags say by key. Throws where a key comes twice. */
export function dataOf(flags: DataFlags, cwd: string): Map<string, Buffer> {
  const data = new Map<string, Buffer>();
  const add = (key: string, value: Buffer): void => {
    if (data.has(key))
      throw new CommandError(`cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data`);
    if (!/^[-._a-zA-Z0-9]+$/.test(key))
      throw new CommandError(
        `${JSON.stringify(key)} is not a valid key name: a valid config key must consist of alphanumeric characters, '-', '_' or '.'`,
      );
    data.set(key, value);
  };
  for (const source of flags['from-file']) {
    const equals = source.indexOf('=');
    const path = resolve(cwd, equals < 0 ? source : source.slice(equals + 1));
    if (equals >= 0) add(source.slice(0, equals), readFileSync(path));
    else if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isFile()) add(entry.name, readFileSync(join(path, entry.name)));
      }
    } else add(basename(path), readFileSync(path));
  }
  for (const literal of flags['from-literal']) {
    const equals = literal.indexOf('=');
    if (equals < 1) throw new CommandError(`invalid literal source ${literal}, expected key=value`);
    add(literal.slice(0, equals), Buffer.from(literal.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2')));
  }
  for (const file of flags['from-env-file']) {
    for (const line of readFileSync(resolve(cwd, file), 'utf8').split('\n')) {
      const trimmed = line.trimStart();
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const equals = trimmed.indexOf('=');
      const key = equals < 0 ? trimmed : trimmed.slice(0, equals);
      add(key, Buffer.from(equals < 0 ? (process.env[key] ?? '') : trimmed.slice(equals + 1)));
    }
  }
  return data;
}

interface WithData {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly creationTimestamp: null };
  readonly data?: unknown;
  readonly binaryData?: unknown;
  readonly type?: string;
}

/** The object with a hash of its content in its name (upstream: kubectl/pkg/util/hash). */
export function withHash<T extends WithData>(object: T): T {
  const { kind, metadata, data, binaryData, type } = object;
  const content =
    kind === 'Secret'
      ? { data: data ?? {}, kind, name: metadata.name, type }
      : { data: data ?? '', kind, name: metadata.name, ...(binaryData !== undefined && { binaryData }) };
  const hex = createHash('sha256').update(goJson(content)).digest('hex').slice(0, 10);
  // No vowels and nothing like them, so that no words come about.
  const safe: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  const hash = [...hex].map((char) => safe[char] ?? char).join('');
  return { ...object, metadata: { ...metadata, name: `${metadata.name}-${hash}` } };
}
