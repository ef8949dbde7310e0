import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@skiff/api/meta';
import { isConflict, isNotFound, StatusError } from '@skiff/api/status';
import { lastApplied, lastAppliedOf, withLastApplied } from '../apply/last-applied.ts';
import { schemaOf } from '../apply/model.ts';
import { threeWayPatch } from '../apply/three-way.ts';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll, whileDoing } from '../failure.ts';
import { bool, type FlagValues, text } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { listOf, objectPrinter } from '../print/object-printer.ts';
import { readManifests } from '../resources/manifests.ts';
import { fileFlags, type Target, targetOf } from '../resources/selection.ts';
import type { Session } from '../session.ts';

const flags = {
  ...fileFlags,
  ...mutationFlags,
  selector: text('l'),
  'server-side': bool(),
  'force-conflicts': bool(),
  force: bool(),
  overwrite: bool(undefined, true),
  validate: text(undefined, 'strict'),
  wait: bool(),
  timeout: text(undefined, '0s'),
} as const;
type Flags = FlagValues<typeof flags>;

interface Applied {
  readonly target: Target;
  readonly object: KubeObject;
  readonly operation: string;
}

/** `kubectl apply`: makes objects what files say, and takes away what files said the last time. */
export const command = defineCommand({
  usage: 'apply (-f FILENAME | -k DIRECTORY)',
  summary: 'Apply a configuration to a resource by file name or stdin.',
  flags,
  async run(session, { flags, args }) {
    if (args.length > 0) throw new CommandError(`Unexpected args: [${args.join(' ')}]`);
    if (flags.kustomize) throw new CommandError('kustomize is not supported; use kubectl, or apply its output');
    if (flags.filename.length === 0) throw new CommandError('must specify one of -f and -k');
    if (flags['force-conflicts'] && !flags['server-side'])
      throw new CommandError('--force-conflicts only works with --server-side');
    const errors: unknown[] = [];
    const report = new MutationReport(session, flags);
    const collected: Applied[] = [];
    // Several objects in one form become one List.
    const lists = flags.output !== undefined && flags.output !== 'name' && objectPrinter(flags.output).asList;
    for await (const manifest of readManifests(session, flags.filename, flags)) {
      try {
        const target = await targetOf(session, manifest);
        if (flags.selector && !matches(manifest.object, flags.selector)) continue;
        const applied = await (flags['server-side'] ? applyOnServer : applyByPatch)(session, { target, flags });
        if (lists) collected.push(applied);
        else report.tell({ ...applied, resource: target.resource });
      } catch (error) {
        errors.push(error);
      }
    }
    if (collected.length > 0 && errors.length === 0) {
      const [first] = collected;
      const object =
        collected.length === 1 && first
          ? first.object
          : listOf(
              collected.map(({ object }) => object),
              {},
            );
      session.io.out(
        objectPrinter(flags.output ?? '', { showManagedFields: flags['show-managed-fields'] }).format(object),
      );
    } else if (errors.length === 0 && lists) throw new CommandError('no objects passed to apply');
    throwAll(errors);
  },
});

function matches(object: KubeObject, selector: string): boolean {
  const labels = object.metadata.labels ?? {};
  return selector.split(',').every((term) => {
    const [key = '', value] = term.split(/==?/);
    return value === undefined ? key in labels : labels[key] === value;
  });
}

type Job = { target: Target; flags: Flags };

const manifestOf = ({ manifest }: Target): { object: KubeObject; source: string } => {
  if (!manifest) throw new Error('apply is given manifests only');
  return manifest;
};

const validations: Readonly<Record<string, 'Strict' | 'Warn' | 'Ignore'>> = {
  true: 'Strict',
  strict: 'Strict',
  warn: 'Warn',
  false: 'Ignore',
  ignore: 'Ignore',
};
const validationOf = ({ validate }: Flags): 'Strict' | 'Warn' | 'Ignore' => validations[validate] ?? 'Strict';

async function applyOnServer(session: Session, { target, flags }: Job): Promise<Applied> {
  const { object, source } = manifestOf(target);
  const client = session.client.objects(target.resource);
  const dryRun = dryRunOf(flags);
  if (dryRun === 'client')
    throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  try {
    const applied = await client.patch({ namespace: target.namespace, name: object.metadata.name }, object, {
      type: 'apply',
      fieldManager: flags['field-manager'] ?? 'kubectl',
      fieldValidation: validationOf(flags),
      force: flags['force-conflicts'],
      dryRun: dryRun === 'server',
      signal: session.signal,
    });
    return { target, object: applied, operation: 'serverside-applied' };
  } catch (error) {
    if (isConflict(error) && error instanceof Error) throw new CommandError(`${error.message}\n${conflictAdvice}`);
    if (error instanceof StatusError && error.code === 415)
      throw new CommandError(`Server-side apply not available on the server: (${error.message})`);
    throw whileDoing(error, `error when patching ${JSON.stringify(source)}`);
  }
}

const conflictAdvice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

async function applyByPatch(session: Session, { target, flags }: Job): Promise<Applied> {
  const { object, source } = manifestOf(target);
  const { resource, namespace } = target;
  const client = session.client.objects(resource);
  const { name } = object.metadata;
  const dryRun = dryRunOf(flags);
  if (!name)
    throw new CommandError(
      `error when retrieving current configuration of:\nResource: "${resource.plural}", GroupVersionKind: "${object.apiVersion}, Kind=${object.kind}"\nName: "", Namespace: "${namespace ?? ''}"\nfrom server for: ${JSON.stringify(source)}: resource name may not be empty`,
    );
  const write = {
    dryRun: dryRun === 'server',
    fieldManager: flags['field-manager'] ?? 'kubectl-client-side-apply',
    fieldValidation: validationOf(flags),
    signal: session.signal,
  } as const;
  const modified = withLastApplied(object);
  for (let tries = 0; ; tries++) {
    const current = await client.get({ namespace, name }, { signal: session.signal }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (!current) {
      if (dryRun === 'client') return { target, object: modified, operation: 'created' };
      try {
        return { target, object: await client.create(modified, write), operation: 'created' };
      } catch (error) {
        throw whileDoing(error, `error when creating ${JSON.stringify(source)}`);
      }
    }
    warnUnlessApplied(session, target, current);
    const original = lastAppliedOf(current);
    const schema = schemaOf(resource);
    const patch = threeWayPatch({ original, modified, current }, schema);
    if (dryRun === 'client') return { target, object: modified, operation: 'configured' };
    if (Object.keys(patch).length === 0) return { target, object: current, operation: 'unchanged' };
    try {
      const type = schema ? 'strategic' : 'merge';
      const patched = await client.patch({ namespace, name }, patch, { ...write, type });
      return { target, object: patched, operation: 'configured' };
    } catch (error) {
      if (isConflict(error) && tries < 5) {
        await delay(50 * 2 ** tries, undefined, { signal: session.signal });
        continue;
      }
      if (flags.force) return replace(session, { target, flags }, modified);
      throw whileDoing(
        error,
        `error when applying patch:\n${JSON.stringify(patch)}\nto:\nResource: "${resource.group ? `${resource.group}/` : ''}${resource.version}, Resource=${resource.plural}", GroupVersionKind: "${object.apiVersion}, Kind=${object.kind}"\nName: "${name}", Namespace: "${namespace ?? ''}"\nfor: ${JSON.stringify(source)}: error when patching ${JSON.stringify(source)}`,
      );
    }
  }
}

/** `--force`: what can't be patched is deleted and created anew. */
async function replace(session: Session, { target }: Job, modified: KubeObject): Promise<Applied> {
  const client = session.client.objects(target.resource);
  const key = { namespace: target.namespace, name: modified.metadata.name };
  await client.delete(key, { gracePeriodSeconds: 0, signal: session.signal });
  while (
    await client.get(key).then(
      () => true,
      (error: unknown) => !isNotFound(error),
    )
  ) {
    await delay(100, undefined, { signal: session.signal });
  }
  return { target, object: await client.create(modified), operation: 'configured' };
}

function warnUnlessApplied(session: Session, { resource }: Target, current: KubeObject): void {
  if (current.metadata.annotations?.[lastApplied] !== undefined) return;
  const name = `${resource.plural}/${current.metadata.name}`;
  session.err(
    `Warning: resource ${name} is missing the ${lastApplied} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
  );
}
