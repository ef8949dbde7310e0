import { StatusError } from '@skiff/api/status';
import type { Manager } from './managers.ts';
import { displayPath } from './path-element.ts';

/** A field that an applier wants otherwise than the manager who owns it. */
export interface Conflict {
  readonly manager: Manager;
  readonly path: readonly string[];
}

/** A manager as messages name it: `"kubectl" with subresource "status" using v1`. */
function describe({ name, subresource, operation, apiVersion }: Manager): string {
  const part = subresource ? ` with subresource ${JSON.stringify(subresource)}` : '';
  return `${JSON.stringify(name)}${part}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (first && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describe(first.manager)}: ${displayPath(first.path)}`;
  }
  const lines: string[] = [];
  let last: Manager | undefined;
  for (const { manager, path } of conflicts) {
    if (manager !== last) lines.push(`conflicts with ${describe(manager)}:`);
    last = manager;
    lines.push(`- ${displayPath(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}

/** 409, with a cause for each field and manager. Conflicts come manager by manager. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describe(manager)}`,
    field: displayPath(path),
  }));
  return new StatusError({ code: 409, reason: 'Conflict', message: messageOf(conflicts), details: { causes } });
}
