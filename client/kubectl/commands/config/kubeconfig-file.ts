import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import { CommandError } from '../../failure.ts';

export type Section = 'clusters' | 'contexts' | 'users';

/** One kubeconfig to be changed: what is not meant, comments too, stays as it is. */
export class KubeconfigFile {
  readonly path: string;
  readonly #document: Document;

  constructor(path: string) {
    this.path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    this.#document = parseDocument(text.trim() === '' ? 'apiVersion: v1\nkind: Config\n' : text);
    if (this.#document.errors.length > 0 || !isMap(this.#document.contents))
      throw new CommandError(`"${path}" is not a kubeconfig`);
  }

  get currentContext(): string {
    return String(this.#document.get('current-context') ?? '');
  }

  set currentContext(name: string) {
    this.#document.set('current-context', name);
  }

  names(section: Section): string[] {
    return this.entries(section).map(({ name }) => name);
  }

  /** The entries of a section with what they hold, in the file's order. */
  entries(section: Section): { name: string; fields: Record<string, unknown> }[] {
    const list: unknown = this.#document.toJS()[section];
    if (!Array.isArray(list)) return [];
    return list.map((entry: { name?: string }) => {
      const fields = Object.entries(entry).find(([member]) => member !== 'name')?.[1];
      return {
        name: String(entry.name),
        fields: typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {},
      }; // a map of YAML
    });
  }

  /** Adds fields to an entry, which is made where it is missing. Answers with whether it was there. */
  merge(section: Section, name: string, fields: Record<string, unknown>): boolean {
    const known = this.entries(section).find((entry) => entry.name === name);
    const singular = section.slice(0, -1);
    const entry = { name, [singular]: { ...known?.fields, ...fields } };
    if (known) this.remove(section, name);
    if (!isSeq(this.#document.get(section))) this.#document.set(section, this.#document.createNode([]));
    this.#document.addIn([section], entry);
    return known !== undefined;
  }

  /** Answers with whether it was there. */
  remove(section: Section, name: string): boolean {
    const list = this.#document.get(section);
    if (!isSeq(list)) return false;
    const before = list.items.length;
    list.items = list.items.filter((item) => !(isMap(item) && item.get('name') === name));
    return list.items.length < before;
  }

  toJS(): Record<string, unknown> {
    return this.#document.toJS() as Record<string, unknown>; // the constructor has seen that it is a map
  }

  save(): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const next = `${this.path}.kubectl-${process.pid}`;
    writeFileSync(next, this.#document.toString(), { mode: 0o600 });
    renameSync(next, this.path);
  }
}
