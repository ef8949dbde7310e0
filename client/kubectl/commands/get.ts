import { collectionPath } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import { queryOf } from '../../query.ts';
import { watchEvents } from '../../watch.ts';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, type FlagValues, list, text } from '../flags.ts';
import { SinglePath } from '../print/json-path.ts';
import { listOf, objectPrinter } from '../print/object-printer.ts';
import { compareValues, sortRows, type Table, TablePrinter } from '../print/table.ts';
import { qualifiedName } from '../resources/resource-mapper.ts';
import { fileFlags, type Selection, select, selectorFlags, type Target } from '../resources/selection.ts';
import type { Session } from '../session.ts';

const flags = {
  ...fileFlags,
  ...selectorFlags,
  output: text('o'),
  watch: bool('w'),
  'watch-only': bool(),
  'output-watch-events': bool(),
  'no-headers': bool(),
  'show-labels': bool(),
  'show-kind': bool(),
  'show-managed-fields': bool(),
  'label-columns': list('L'),
  'sort-by': text(),
  'ignore-not-found': bool(),
  'chunk-size': text(undefined, '500'),
  'server-print': bool(undefined, true),
  raw: text(),
  subresource: text(),
} as const;
type Flags = FlagValues<typeof flags>;

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const hint = `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).`;

/** `kubectl get`: tables that the server makes, or the objects in a form of the user's choice. */
export const command = defineCommand({
  usage: 'get (-f FILENAME | TYPE [NAME ...] | TYPE/NAME ...)',
  summary: 'Display one or many resources.',
  flags,
  async run(session, { flags, args }) {
    if (flags.raw) {
      const path = flags.raw.startsWith('/') ? flags.raw : `/${flags.raw}`;
      session.io.out(await session.client.text({ method: 'GET', path, signal: session.signal }));
      return;
    }
    if (args.length === 0 && flags.filename.length === 0) {
      session.io.err(`${hint}\nSee 'kubectl get -h' for help and examples\n`);
      throw new CommandError('', 1);
    }
    const selection = await select(session, {
      args,
      files: flags.filename,
      recursive: flags.recursive,
      allNamespaces: flags['all-namespaces'],
      allowLists: true,
    });
    if (flags.watch || flags['watch-only']) return watch(session, flags, selection);
    const { output } = flags;
    if (output === undefined || output === '' || output === 'wide') return tables(session, flags, selection);
    return objects(session, flags, { selection, output });
  },
});

/** The path of a target's read, with the flags that choose. */
function pathOf(
  { resource, namespace, name }: Target,
  flags: Flags,
  query: Record<string, string | boolean> = {},
): string {
  const collection = collectionPath(resource, namespace);
  const selected = { labelSelector: flags.selector, fieldSelector: flags['field-selector'], ...query };
  if (name === undefined) return collection + queryOf(selected);
  const part = flags.subresource ? `/${flags.subresource}` : '';
  return `${collection}/${encodeURIComponent(name)}${part}${queryOf(query)}`;
}

/** Reads a target, page after page; NotFound is left out with `--ignore-not-found`. */
async function read<Answer>(session: Session, target: Target, flags: Flags, accept?: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  const limit = target.name === undefined && flags['chunk-size'] !== '0' ? { limit: flags['chunk-size'] } : {};
  const include = accept && flags['sort-by'] ? { includeObject: 'Object' } : {};
  let query: Record<string, string> = { ...limit, ...include };
  try {
    for (;;) {
      const path = pathOf(target, flags, query);
      const page = await session.client.request<Answer & { metadata?: { continue?: string } }>({
        method: 'GET',
        path,
        accept,
        signal: session.signal,
      });
      pages.push(page);
      const next = target.name === undefined ? page.metadata?.continue : undefined;
      if (!next) return pages;
      query = { ...limit, ...include, continue: next };
    }
  } catch (error) {
    if (flags['ignore-not-found'] && isNotFound(error)) return [];
    throw error;
  }
}

function printerOf(flags: Flags, target: Target, mixed: boolean): TablePrinter {
  const kindPrefix = mixed || flags['show-kind'] ? qualifiedName(target.resource, '').slice(0, -1) : undefined;
  return new TablePrinter({
    wide: flags.output === 'wide',
    headers: !flags['no-headers'],
    withNamespace: flags['all-namespaces'] && target.resource.namespaced,
    kindPrefix,
    showLabels: flags['show-labels'],
    labelColumns: flags['label-columns'].flatMap((given) => given.split(',')),
  });
}

async function tables(session: Session, flags: Flags, { targets, mixed }: Selection): Promise<void> {
  const errors: unknown[] = [];
  const groups: { target: Target; tables: Table[] }[] = [];
  // All at once: one answer need not wait for another.
  const answers = await Promise.allSettled(targets.map((target) => read<Table>(session, target, flags, asTable)));
  for (const [at, answer] of answers.entries()) {
    const target = targets[at];
    if (!target) continue;
    if (answer.status === 'rejected') {
      errors.push(answer.reason);
      continue;
    }
    const last = groups.at(-1);
    if (last?.target.resource === target.resource) last.tables.push(...answer.value);
    else groups.push({ target, tables: answer.value });
  }
  let printed = 0;
  for (const { target, tables } of groups) {
    const sorted = merge(tables, flags['sort-by']);
    const rows = sorted.rows?.length ?? 0;
    if (rows === 0) continue;
    if (printed > 0) session.out('');
    session.io.out(printerOf(flags, target, mixed).format(sorted));
    printed += rows;
  }
  if (printed === 0 && errors.length === 0 && !flags['ignore-not-found'])
    session.err(nothingFound(session, flags, targets));
  throwAll(errors);
}

function merge(tables: readonly Table[], sortBy: string | undefined): Table {
  const [first] = tables;
  const columnDefinitions = first?.columnDefinitions ?? [];
  const all: Table = { kind: 'Table', columnDefinitions, rows: tables.flatMap(({ rows }) => rows ?? []) };
  return sortBy ? sortRows(all, sortBy) : all;
}

function nothingFound(session: Session, flags: Flags, targets: readonly Target[]): string {
  const namespaced = targets.some(({ resource }) => resource.namespaced);
  return namespaced && !flags['all-namespaces']
    ? `No resources found in ${session.namespace} namespace.`
    : 'No resources found';
}

async function objects(
  session: Session,
  flags: Flags,
  { selection, output }: { selection: Selection; output: string },
): Promise<void> {
  const printer = objectPrinter(output, {
    showManagedFields: flags['show-managed-fields'],
    headers: !flags['no-headers'],
  });
  const found: { object: KubeObject; target: Target }[] = [];
  const errors: unknown[] = [];
  for (const target of selection.targets) {
    try {
      for (const answer of await read<KubeObject>(session, target, flags)) {
        const { apiVersion, kind } = answer;
        const items = target.name === undefined && Array.isArray(answer['items']) ? answer['items'] : undefined;
        if (items === undefined) found.push({ object: answer, target });
        // Items of lists come without their type.
        else
          for (const item of items)
            found.push({ object: { apiVersion, kind: kind.replace(/List$/, ''), ...item }, target });
      }
    } catch (error) {
      errors.push(error);
    }
  }
  if (flags['sort-by']) {
    const path = new SinglePath(flags['sort-by']);
    found.sort((a, b) => compareValues(path.values(a.object)[0], path.values(b.object)[0]));
  }
  if (!printer.asList) {
    for (const { object, target } of found) session.io.out(printer.format(object, target.resource));
  } else if (selection.single) {
    for (const { object } of found) session.io.out(printer.format(object));
  } else if (errors.length === 0 || found.length > 0)
    session.io.out(printer.format(listOf(found.map(({ object }) => object))));
  throwAll(errors);
}

/** Prints what is there and then each change, until interrupted. */
async function watch(session: Session, flags: Flags, { targets, mixed }: Selection): Promise<void> {
  const [target] = targets;
  if (!target || targets.length > 1 || mixed) throw new CommandError('you may only specify a single resource type');
  const { output } = flags;
  const isTable = output === undefined || output === '' || output === 'wide';
  const tablePrinter = printerOf(flags, target, false);
  const printer = isTable
    ? undefined
    : objectPrinter(output, { showManagedFields: flags['show-managed-fields'], headers: !flags['no-headers'] });
  const before = (type: string): string[] => (flags['output-watch-events'] ? [type] : []);
  const listed: Target = { ...target, name: undefined as never };
  const chosen = target.name === undefined ? flags : { ...flags, 'field-selector': `metadata.name=${target.name}` };
  const { name: _, ...everything } = listed;
  const [first] = await read<Table & KubeObject>(
    session,
    everything,
    { ...chosen, 'chunk-size': '0' },
    isTable ? asTable : undefined,
  );
  if (!flags['watch-only'] && first) {
    if (isTable) session.io.out(tablePrinter.format(first, before('ADDED')));
    else
      for (const item of Array.isArray(first['items']) ? first['items'] : []) {
        const object: KubeObject = { apiVersion: first.apiVersion, kind: first.kind.replace(/List$/, ''), ...item };
        session.io.out(printer?.format(object, target.resource) ?? '');
      }
  }
  const resourceVersion = first?.metadata?.resourceVersion ?? '';
  const path = pathOf(everything, chosen, { watch: true, resourceVersion });
  const events = watchEvents<Table & KubeObject>(session.client, {
    path,
    signal: session.signal,
    idleMs: 0,
    ...(isTable && { accept: asTable.split(',')[0] }),
  });
  for await (const { type, object } of events) {
    if (type === 'BOOKMARK') continue;
    if (isTable) session.io.out(tablePrinter.format(object, before(type)));
    else session.io.out(printer?.format(object, target.resource) ?? '');
  }
}
