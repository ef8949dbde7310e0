import type { KubeObject } from '@skiff/api/meta';
import { StatusError } from '@skiff/api/status';
import { withLastApplied } from '../../apply/last-applied.ts';
import { CommandError } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../../mutation.ts';
import type { Session } from '../../session.ts';

/** Flags of every command that makes an object out of its flags. */
export const generatorFlags = {
  ...mutationFlags,
  'save-config': bool(),
  validate: text(undefined, 'strict'),
} as const;

export interface GeneratorFlags {
  readonly output: string | undefined;
  readonly 'dry-run': string;
  readonly 'show-managed-fields': boolean;
  readonly 'field-manager': string | undefined;
  readonly 'save-config': boolean;
}

/** An object as a generator writes it: the server need not hear of empty members, and `-o yaml` shows them as kubectl does. */
export interface Generated {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

interface GeneratorOptions {
  readonly object: Generated;
  readonly flags: GeneratorFlags;
  readonly operation?: string;
  /** What kubectl says before the server's reason, where it says anything: `failed to create configmap`. */
  readonly failing?: string;
}

/** Creates what a generator made, in the session's namespace where its kind has one, and tells so. */
export async function createGenerated(
  session: Session,
  { object, flags, operation = 'created', failing }: GeneratorOptions,
): Promise<void> {
  const resource = await session.resources.ofKind(object.apiVersion, object.kind);
  if (!resource) throw new CommandError(`the server doesn't have a resource type ${JSON.stringify(object.kind)}`);
  const dryRun = dryRunOf(flags);
  const explicit = session.flags.namespace ?? session.config.namespace;
  const namespace = resource.namespaced ? (explicit ?? (dryRun === 'client' ? undefined : 'default')) : undefined;
  const generated = { ...object, metadata: { ...object.metadata, ...(namespace && { namespace }) } };
  const made = generated as unknown as KubeObject; // generators name what they make
  const wanted = flags['save-config'] ? withLastApplied(made) : made;
  const created =
    dryRun === 'client'
      ? wanted
      : await session.client
          .objects(resource)
          .create(wanted, {
            dryRun: dryRun === 'server',
            fieldManager: flags['field-manager'] ?? 'kubectl-create',
            signal: session.signal,
          })
          .catch((error: unknown) => {
            if (failing === undefined || !(error instanceof StatusError)) throw error;
            throw new CommandError(`${failing}: ${error.message}`);
          });
  new MutationReport(session, flags).tell({ object: created, resource, operation });
}

/** The one name that a generator takes. Throws what kubectl says otherwise. */
export function nameOf(args: readonly string[], usage: string): string {
  const [name] = args;
  if (args.length === 1 && name !== undefined) return name;
  throw new CommandError(
    `exactly one NAME is required, got ${args.length}\nSee 'kubectl ${usage} -h' for help and examples`,
  );
}
