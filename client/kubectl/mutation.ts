import type { KubeObject } from '@skiff/api/meta';
import type { ApiResource } from '../resource.ts';
import { CommandError } from './failure.ts';
import { bool, implied, text } from './flags.ts';
import { objectPrinter } from './print/object-printer.ts';
import { qualifiedName } from './resources/resource-mapper.ts';
import type { Session } from './session.ts';

/** Flags of every command that changes objects. */
export const mutationFlags = {
  output: text('o'),
  'dry-run': implied('unchanged', 'none'),
  'show-managed-fields': bool(),
  'field-manager': text(),
} as const;

export type DryRun = 'none' | 'client' | 'server';

/** What `--dry-run` means. Throws where it is none of its words. */
export function dryRunOf({ 'dry-run': given }: { 'dry-run': string | undefined }): DryRun {
  if (given === undefined || given === 'none' || given === 'client' || given === 'server') return given ?? 'none';
  if (given === 'unchanged') return 'client';
  throw new CommandError(`Invalid dry-run value (${given}). Must be "none", "server", or "client".`);
}

interface Reported {
  readonly object: KubeObject;
  readonly resource: ApiResource;
  /** What was done, as `created`. */
  readonly operation: string;
}

/** Tells what was done to objects: `pod/web created (dry run)`, or the objects where `-o` asks for them. */
export class MutationReport {
  readonly #session: Session;
  readonly #printer: ReturnType<typeof objectPrinter> | undefined;
  readonly #suffix: string;

  constructor(
    session: Session,
    flags: { output: string | undefined; 'dry-run': string | undefined; 'show-managed-fields'?: boolean },
  ) {
    this.#session = session;
    const { output } = flags;
    this.#printer =
      output && output !== 'name'
        ? objectPrinter(output, { showManagedFields: flags['show-managed-fields'] ?? false })
        : undefined;
    const dryRun = dryRunOf(flags);
    this.#suffix =
      output === 'name' ? '' : dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
    this.#nameOnly = output === 'name';
  }

  readonly #nameOnly: boolean;

  tell({ object, resource, operation }: Reported): void {
    if (this.#printer) this.#session.io.out(this.#printer.format(object, resource));
    else {
      const name = qualifiedName(resource, object.metadata.name);
      this.#session.out(this.#nameOnly ? name : `${name} ${operation}${this.#suffix}`);
    }
  }
}
