import type { Node } from '@skiff/api/types';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { findObjects } from '../resources/find-objects.ts';
import { select, selectorFlags } from '../resources/selection.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

interface Edit {
  readonly add: readonly Taint[];
  /** Without an effect, all taints of the key. */
  readonly remove: readonly { readonly key: string; readonly effect?: string }[];
}

/** `kubectl taint`: `key=value:Effect` sets a taint, `key:Effect-` or `key-` takes it away. */
export const command = defineCommand({
  usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  summary: 'Update the taints on one or more nodes.',
  flags: { ...mutationFlags, all: bool(), overwrite: bool(), selector: selectorFlags.selector },
  async run(session, { flags, args }) {
    const isTaint = (word: string): boolean => word.includes(':') || word.endsWith('-') || word.includes('=');
    const edit = editOf(args.filter(isTaint));
    if (edit.add.length + edit.remove.length === 0) throw new CommandError('at least one taint update is required');
    const selection = await select(session, {
      args: args.filter((word) => !isTaint(word)),
      selected: flags.all || flags.selector !== undefined,
    });
    if (selection.targets.some(({ resource }) => resource.kind !== 'Node'))
      throw new CommandError('invalid resource type, only node is supported');
    const report = new MutationReport(session, { ...flags, 'dry-run': 'none' });
    const dryRun = dryRunOf(flags);
    const errors: unknown[] = [];
    for await (const { object, target } of findObjects(session, selection, {
      labelSelector: flags.selector,
      onError: (error) => void errors.push(error),
    })) {
      try {
        const before = (object as unknown as Node).spec?.taints ?? []; // the resource is nodes
        const { taints, operation } = apply(object.metadata.name, before, edit, flags.overwrite);
        const patch = { spec: { taints: taints.length > 0 ? taints : null } };
        const written =
          dryRun === 'client'
            ? object
            : await session.client.objects(target.resource).patch({ name: object.metadata.name }, patch, {
                dryRun: dryRun === 'server',
                fieldManager: flags['field-manager'] ?? 'kubectl-taint',
                signal: session.signal,
              });
        report.tell({ object: written, resource: target.resource, operation });
      } catch (error) {
        errors.push(error);
      }
    }
    throwAll(errors);
  },
});

function editOf(words: readonly string[]): Edit {
  const add: Taint[] = [];
  const remove: { key: string; effect?: string }[] = [];
  for (const word of words) {
    const isGone = word.endsWith('-');
    const [, key = '', value, effect] =
      /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(isGone ? word.slice(0, -1) : word) ?? [];
    if (key === '' || (!isGone && effect === undefined)) throw new CommandError(`invalid taint spec: ${word}`);
    if (effect !== undefined && effect !== '' && !effects.includes(effect))
      throw new CommandError(`invalid taint effect: ${effect}, unsupported taint effect`);
    if (isGone) remove.push({ key, ...(effect && { effect }) });
    else add.push({ key, ...(value && { value }), effect: effect ?? '' });
  }
  return { add, remove };
}

function apply(
  node: string,
  before: readonly Taint[],
  { add, remove }: Edit,
  overwrite: boolean,
): { taints: Taint[]; operation: string } {
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const clash = before.find((taint) => add.some((one) => same(one, taint)));
  if (clash && !overwrite) {
    throw new CommandError(
      `node ${node} already has ${clash.key} taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  const isRemoved = (taint: Taint): boolean =>
    remove.some(({ key, effect }) => taint.key === key && (effect === undefined || taint.effect === effect));
  const missing = remove.find(
    ({ key, effect }) =>
      !before.some((taint) => taint.key === key && (effect === undefined || taint.effect === effect)),
  );
  if (missing)
    throw new CommandError(
      `taint ${JSON.stringify(missing.key + (missing.effect ? `:${missing.effect}` : ''))} not found`,
    );
  const kept = before.filter((taint) => !isRemoved(taint) && !add.some((one) => same(one, taint)));
  const operation = add.length === 0 ? 'untainted' : remove.length > 0 || clash ? 'modified' : 'tainted';
  return { taints: [...add, ...kept], operation };
}
