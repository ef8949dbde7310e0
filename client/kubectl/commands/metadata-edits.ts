import type { KubeObject } from '@skiff/api/meta';
import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { dryRunOf, MutationReport, mutationFlags } from '../mutation.ts';
import { findObjects } from '../resources/find-objects.ts';
import { fileFlags, select, selectorFlags } from '../resources/selection.ts';

interface Words {
  readonly member: 'labels' | 'annotations';
  readonly command: string;
  readonly noun: string;
  readonly done: string;
}

interface Edit {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: ReadonlySet<string>;
}

/** `kubectl label` and `kubectl annotate`, which differ in where they write and in what they say. */
export function metadataCommand(words: Words): Command {
  return defineCommand({
    usage: `${words.command} [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]`,
    summary: `Update the ${words.member} on a resource.`,
    flags: {
      ...fileFlags,
      ...selectorFlags,
      ...mutationFlags,
      all: bool(),
      list: bool(),
      local: bool(),
      overwrite: bool(),
      'resource-version': text(),
    },
    async run(session, { flags, args }) {
      const first = args.findIndex((arg, at) => at > 0 && isEdit(arg));
      const leading = flags.filename.length > 0 && args[0] !== undefined && isEdit(args[0]) ? 0 : first;
      const resources = leading < 0 ? args : args.slice(0, leading);
      const edit = editOf(leading < 0 ? [] : args.slice(leading), words);
      if (edit.set.size === 0 && edit.remove.size === 0 && !flags.list)
        throw new CommandError(`at least one ${words.noun} update is required`);
      const selection = await select(session, {
        args: resources,
        files: flags.filename,
        recursive: flags.recursive,
        allNamespaces: flags['all-namespaces'],
        selected: flags.all || flags.selector !== undefined || flags['field-selector'] !== undefined,
        hint: 'one or more resources must be specified as <resource> <name> or <resource>/<name>',
      });
      const report = new MutationReport(session, flags);
      const dryRun = dryRunOf(flags);
      const errors: unknown[] = [];
      const objects = findObjects(session, selection, {
        labelSelector: flags.selector,
        fieldSelector: flags['field-selector'],
        onError: (error) => void errors.push(error),
      });
      for await (const { object, target } of objects) {
        try {
          const before = object.metadata[words.member] ?? {};
          if (flags.list) {
            for (const [name, value] of Object.entries(before).toSorted()) session.out(`${name}=${value}`);
            continue;
          }
          if (!flags.overwrite) checkUnset(before, edit, words);
          for (const name of edit.remove)
            if (before[name] === undefined) session.out(`${words.noun} ${JSON.stringify(name)} not found.`);
          const operation = operationOf(before, edit, words);
          const patch = {
            metadata: {
              [words.member]: {
                ...Object.fromEntries(edit.set),
                ...Object.fromEntries([...edit.remove].map((name) => [name, null])),
              },
              ...(flags['resource-version'] && { resourceVersion: flags['resource-version'] }),
            },
          };
          const written: KubeObject =
            dryRun === 'client' || flags.local
              ? { ...object, metadata: { ...object.metadata, [words.member]: edited(before, edit) } }
              : await session.client
                  .objects(target.resource)
                  .patch({ namespace: target.namespace, name: object.metadata.name }, patch, {
                    dryRun: dryRun === 'server',
                    fieldManager: flags['field-manager'] ?? `kubectl-${words.command}`,
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
}

/** `key=value`, or `key-` to take it away. */
const isEdit = (arg: string): boolean => (arg.includes('=') && !arg.startsWith('=')) || arg.endsWith('-');

function editOf(args: readonly string[], { noun }: Words): Edit {
  const set = new Map<string, string>();
  const remove = new Set<string>();
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals > 0) set.set(arg.slice(0, equals), arg.slice(equals + 1));
    else if (arg.endsWith('-')) remove.add(arg.slice(0, -1));
    else throw new CommandError(`unknown ${noun} spec: ${arg}`);
  }
  for (const name of set.keys())
    if (remove.has(name))
      throw new CommandError(
        `can not both modify and remove a${noun === 'annotation' ? 'n' : ''} ${noun} in the same command`,
      );
  return { set, remove };
}

function checkUnset(before: Readonly<Record<string, string>>, { set }: Edit, { member }: Words): void {
  const clashes = [...set].flatMap(([name, value]) => {
    const there = before[name];
    return there === undefined || there === value ? [] : [`'${name}' already has a value (${there})`];
  });
  const [first] = clashes;
  if (first === undefined) return;
  throw new CommandError(
    member === 'labels'
      ? `${first}, and --overwrite is false`
      : `--overwrite is false but found the following declared annotation(s): ${clashes.join('; ')}`,
  );
}

function edited(before: Readonly<Record<string, string>>, { set, remove }: Edit): Record<string, string> {
  return Object.fromEntries([...Object.entries(before), ...set].filter(([name]) => !remove.has(name)));
}

function operationOf(before: Readonly<Record<string, string>>, { set, remove }: Edit, { done, member }: Words): string {
  if (member === 'annotations') return done;
  const changes = [...set].some(([name, value]) => before[name] !== value);
  const removes = [...remove].some((name) => before[name] !== undefined);
  if (changes) return done;
  return removes ? `un${done}` : `not ${done}`;
}
