import type { ObjectMeta } from '@skiff/api/meta';
import { type FieldSet, type FieldSetBuilder, itself, leaf, nothing, sorted, union } from './field-set.ts';
import { isElement } from './path-element.ts';

/** An entry of `metadata.managedFields` as it is on the wire. */
export type ManagedFieldsEntry = NonNullable<ObjectMeta['managedFields']>[number];

/** What one manager owns. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  /** Of the type that the fields are of. */
  readonly apiVersion: string;
  readonly subresource: string;
  /** When the manager last changed something; RFC 3339. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** All managers of an object, by their identity. */
export type Managers = Map<string, Manager>;

/** Updates from more managers than this are put together, the oldest first. */
export const MAX_UPDATE_MANAGERS = 10;
const ancient = 'ancient-changes';

/** Two entries with this in common are one; an applier stays the same over versions. */
export function identityOf(manager: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const { name, operation, apiVersion, subresource } = manager;
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

/**
 * Reads entries. Undefined where one is malformed: then all are taken for nothing, as by kube-apiserver. An entry without fields
 * counts as one that owns none.
 */
export function readManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const managers: Managers = new Map();
  for (const { manager: name = '', operation, apiVersion, subresource = '', time, fieldsType, fieldsV1 } of entries) {
    if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion || fieldsType !== 'FieldsV1') return undefined;
    const fields = readFields(fieldsV1 ?? {});
    if (!fields) return undefined;
    const manager: Manager = { name, operation, apiVersion, subresource, time, fields: sorted(fields) };
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

/** A set as it came, without elements of kinds that are not known. Undefined where it is no set. */
function readFields(value: unknown): FieldSet | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const set: FieldSetBuilder = {};
  for (const [element, inside] of Object.entries(value)) {
    if (element === itself) {
      set[itself] = leaf;
      continue;
    }
    if (!/^[fkvi]:/.test(element)) {
      if (element.charAt(1) !== ':') return undefined;
      continue;
    }
    const fields = readFields(inside);
    if (!fields || !isElement(element)) return undefined;
    set[element] = fields;
  }
  return set;
}

/** Trusts entries that {@link writeManagers} has written, as all stored ones. */
export function storedManagers(entries: readonly ManagedFieldsEntry[]): Managers {
  const managers: Managers = new Map();
  for (const { manager: name = '', operation, apiVersion = '', subresource = '', time, fieldsV1 } of entries) {
    const fields = (fieldsV1 ?? nothing) as FieldSet; // what was written was a set
    const applied = operation === 'Apply';
    const manager: Manager = { name, operation: applied ? 'Apply' : 'Update', apiVersion, subresource, time, fields };
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

/** The entries of managers in the order of Kubernetes: appliers, then by time and name. Undefined where there are none. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(compareManagers).map((manager) => ({
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time !== undefined && { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: manager.fields,
    ...(manager.subresource && { subresource: manager.subresource }),
  }));
}

const secondOf = ({ time }: Manager): number => (time === undefined ? 0 : Date.parse(time));
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    secondOf(a) - secondOf(b) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** Puts the oldest updates together until there are not too many, one bucket for each version (upstream: capmanagers.go). */
export function capManagers(managers: Managers): void {
  const updates = [...managers].filter(([, { operation }]) => operation === 'Update');
  let excess = updates.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return;
  updates.sort(([a, one], [b, other]) => secondOf(one) - secondOf(other) || compareText(a, b));
  const firsts = new Map<string, string>();
  for (const [identity, manager] of updates) {
    if (excess <= 0) return;
    const { apiVersion, operation } = manager;
    const first = firsts.get(apiVersion);
    if (first === undefined) {
      firsts.set(apiVersion, identity);
      continue;
    }
    const bucket = { name: ancient, operation, apiVersion, subresource: '' };
    const key = identityOf(bucket);
    const before = managers.get(key) ?? managers.get(first);
    managers.delete(first);
    managers.delete(identity);
    const fields = union(manager.fields, before?.fields ?? nothing);
    managers.set(key, { ...bucket, time: manager.time, fields });
    excess--;
  }
}
