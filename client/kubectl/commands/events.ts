import type { Event } from '@skiff/api/types';
import { defineCommand } from '../command.ts';
import { eventAge } from '../describe/events.ts';
import { CommandError } from '../failure.ts';
import { bool, list, text } from '../flags.ts';
import { listOf, objectPrinter } from '../print/object-printer.ts';
import { TabWriter, tableTabs } from '../print/tab-writer.ts';
import { selectorFlags } from '../resources/selection.ts';

/** `kubectl events`: what has happened, the oldest first. */
export const command = defineCommand({
  usage: 'events [(-o|--output=)] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  summary: 'List events.',
  flags: {
    'all-namespaces': selectorFlags['all-namespaces'],
    output: text('o'),
    for: text(),
    types: list(),
    watch: bool('w'),
    'no-headers': bool(),
    'chunk-size': text(),
  },
  async run(session, { flags }) {
    const namespace = flags['all-namespaces'] ? undefined : session.namespace;
    const [type, name] = (flags.for ?? '').split('/');
    if (flags.for !== undefined && (!type || !name)) throw new CommandError('--for must be in resource/name form');
    const about = type ? await session.resources.require(type) : undefined;
    const types = flags.types.flatMap((given) => given.split(',')).map((given) => given.toLowerCase());
    const fieldSelector = about && `involvedObject.kind=${about.kind},involvedObject.name=${name}`;
    const isWanted = (event: Event): boolean => types.length === 0 || types.includes((event.type ?? '').toLowerCase());
    const listed = await session.client.resource('Event').list({ namespace, fieldSelector, signal: session.signal });
    const found = listed.items.filter(isWanted).toSorted((a, b) => (lastOf(a) < lastOf(b) ? -1 : 1));
    if (flags.output) {
      // An Event is an object like others.
      session.io.out(objectPrinter(flags.output).format(listOf(found as unknown as Parameters<typeof listOf>[0])));
      return;
    }
    const tabs = new TabWriter(tableTabs);
    const row = (event: Event): string => {
      const { metadata, type: kind, reason, involvedObject, message } = event;
      const object = `${involvedObject.kind}/${involvedObject.name}`;
      const cells = [eventAge(event, new Date()), kind ?? '', reason ?? '', object, (message ?? '').trim()];
      return `${[...(namespace === undefined ? [metadata.namespace ?? ''] : []), ...cells].join('\t')}\n`;
    };
    if (found.length === 0 && !flags.watch) {
      session.err(namespace === undefined ? 'No events found.' : `No events found in ${namespace} namespace.`);
      return;
    }
    const titles = [
      ...(namespace === undefined ? ['NAMESPACE'] : []),
      'LAST SEEN',
      'TYPE',
      'REASON',
      'OBJECT',
      'MESSAGE',
    ];
    session.io.out(tabs.format((flags['no-headers'] ? '' : `${titles.join('\t')}\n`) + found.map(row).join('')));
    if (!flags.watch) return;
    const { resourceVersion } = listed.metadata;
    for await (const { type: change, object } of session.client
      .resource('Event')
      .watch({ namespace, fieldSelector, resourceVersion, signal: session.signal })) {
      if (change !== 'BOOKMARK' && change !== 'DELETED' && isWanted(object)) session.io.out(tabs.format(row(object)));
    }
  },
});

const lastOf = ({ lastTimestamp, eventTime, series }: Event): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '';
