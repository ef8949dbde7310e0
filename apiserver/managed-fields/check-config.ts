import { entryElement, UnnamedEntry } from './list-entries.ts';
import {
  asList,
  asMap,
  deducedType,
  type ListType,
  type MapType,
  type MergeType,
  memberType,
  type ScalarType,
} from './merge-type.ts';
import { displayPath, fieldElement } from './path-element.ts';

/**
 * What keeps an applied configuration from being of a type, in words: a field that is not declared, a value of another type,
 * entries that can't be told apart (upstream: structured-merge-diff, typed/validate.go). Empty where it is of the type.
 */
export function faultsOf(config: unknown, type: MapType): string[] {
  const checker = new Checker();
  checker.check(config, type, []);
  return checker.faults;
}

class Checker {
  readonly faults: string[] = [];

  check(value: unknown, type: MergeType, path: readonly string[]): void {
    if (value === null || type.is === 'untracked') return;
    if (type.is === 'any') this.check(value, deducedType(value), path);
    else if (type.is === 'scalar') this.#checkScalar(value, type, path);
    else if (type.is === 'list') this.#checkList(value, type, path);
    else this.#checkMap(value, type, path);
  }

  #fault(path: readonly string[], message: string): void {
    this.faults.push(path.length ? `${displayPath(path)}: ${message}` : message);
  }

  #checkMap(value: unknown, type: MapType, path: readonly string[]): void {
    const map = asMap(value);
    if (!map) this.#fault(path, `expected map, got ${goValue(value)}`);
    for (const [name, member] of Object.entries(map ?? {})) {
      const inside = memberType(type, name);
      const at = [...path, fieldElement(name)];
      if (inside) this.check(member, inside, at);
      else this.#fault(at, 'field not declared in schema');
    }
  }

  #checkList(value: unknown, type: ListType, path: readonly string[]): void {
    if (!Array.isArray(value)) this.#fault(path, `expected list, got ${goValue(value)}`);
    const seen = new Set<string>();
    for (const [index, entry] of (asList(value) ?? []).entries()) {
      let element = `i:${index}`;
      try {
        if (type.entries !== 'atomic') element = entryElement(entry, type);
      } catch (error) {
        if (!(error instanceof UnnamedEntry)) throw error;
        this.#fault(path, `element ${index}: ${error.message}`);
        return;
      }
      if (seen.has(element)) this.#fault(path, `duplicate entries for key ${displayPath([element])}`);
      seen.add(element);
      this.check(entry, type.items, [...path, element]);
    }
  }

  #checkScalar(value: unknown, { type }: ScalarType, path: readonly string[]): void {
    const is = typeof value;
    if (type === 'numeric' && is !== 'number') this.#fault(path, `expected numeric (int or float), got ${is}`);
    else if (type === 'string' && is !== 'string') this.#fault(path, `expected string, got ${goValue(value)}`);
    else if (type === 'boolean' && is !== 'boolean') this.#fault(path, `expected boolean, got ${goValue(value)}`);
    else if (is === 'object') this.#fault(path, `expected any scalar, got ${goValue(value)}`);
  }
}

const goValue = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
