import type { Kind } from '@skiff/api/kinds';
import type { Registry } from './registry.ts';

interface Index {
  readonly byPath: ReadonlyMap<string, Registry>;
  readonly groups: ReadonlySet<string>;
}

const pathOf = ({ group, version, plural }: { group: string; version: string; plural: string }): string =>
  `${group}/${version}/${plural}`;

/**
 * All resources that are served: those of the kinds table as long as the server runs, those of CustomResourceDefinitions
 * as long as their definitions stand. Routes, discovery and the OpenAPI documents read it.
 */
export class Resources {
  readonly #builtIn = new Map<string, Registry>();
  readonly #views: Registry[] = [];
  readonly #custom = new Map<string, readonly Registry[]>();
  /** Made of all of them when it is asked for. */
  #made: Index | undefined;
  #version = 0;

  /** Serves a kind of the kinds table. */
  add(registry: Registry): void {
    this.#builtIn.set(registry.kind.kind, registry);
    this.#changed();
  }

  /** Serves another form of a kind of the kinds table. */
  addView(registry: Registry): void {
    this.#views.push(registry);
    this.#changed();
  }

  /** Serves what one definition gives, in place of what it gave before; nothing where it is gone. */
  replace(definition: string, registries: readonly Registry[]): void {
    if (registries.length) this.#custom.set(definition, registries);
    else this.#custom.delete(definition);
    this.#changed();
  }

  /** The registry of a kind of the kinds table. Throws where there is none: such names are the program's own. */
  named(kind: string): Registry {
    const found = this.#builtIn.get(kind);
    if (!found) throw new Error(`no registry of kind "${kind}"`);
    return found;
  }

  /** Whether a resource is one of the kinds table, in any version: definitions cannot take its place. */
  isBuiltIn({ group, plural }: { readonly group: string; readonly plural: string }): boolean {
    return [...this.#builtIn.values(), ...this.#views].some(
      ({ kind }) => kind.group === group && kind.plural === plural,
    );
  }

  /** What is served at a path: `apps`, `v1`, `deployments`. */
  at(path: { readonly group: string; readonly version: string; readonly plural: string }): Registry | undefined {
    return this.#index.byPath.get(pathOf(path));
  }

  /** What is served now, the kinds of the kinds table first. */
  get all(): readonly Registry[] {
    return [...this.#index.byPath.values()];
  }

  get kinds(): readonly Kind[] {
    return this.all.map(({ kind }) => kind);
  }

  /** Whether any kind of the kinds table is of the group. */
  hasGroup(group: string): boolean {
    return this.#index.groups.has(group);
  }

  /** Another number whenever something else is served: documents about it are built anew. */
  get version(): number {
    return this.#version;
  }

  #changed(): void {
    this.#made = undefined;
    this.#version++;
  }

  get #index(): Index {
    if (!this.#made) {
      const builtIn = [...this.#builtIn.values(), ...this.#views];
      const all = [...builtIn, ...[...this.#custom.values()].flat()];
      const byPath = new Map(all.map((registry) => [pathOf(registry.kind), registry]));
      this.#made = { byPath, groups: new Set(builtIn.map(({ kind }) => kind.group)) };
    }
    return this.#made;
  }
}
