import { jsonEqual } from '@skiff/api/json-value';
import type { ManagedFieldsEntry } from './managers.ts';

/** Whether the entries of two states differ in nothing but their times, and in some of these. */
export function onlyTimesDiffer(a: readonly ManagedFieldsEntry[], b: readonly ManagedFieldsEntry[]): boolean {
  if (a.length !== b.length || a.every(({ time }, index) => time === b[index]?.time)) return false;
  return a.every((entry, index) => jsonEqual({ ...entry, time: '' }, { ...b[index], time: '' }));
}
