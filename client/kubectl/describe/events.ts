import { humanDuration } from '@skiff/api/human-duration';
import type { KubeObject } from '@skiff/api/meta';
import type { Event } from '@skiff/api/types';
import type { Session } from '../session.ts';

/** The Events about an object, the oldest first; none where they can't be read. */
export async function eventsAbout(session: Session, { kind, metadata }: KubeObject): Promise<Event[]> {
  const { name, namespace, uid } = metadata;
  // Of nodes, the controllers tell by uid and the node agents by name.
  const uids = kind === 'Node' ? [uid, name] : [uid];
  try {
    const lists = await Promise.all(
      uids.map((one) => {
        const terms = {
          'involvedObject.name': name,
          'involvedObject.namespace': namespace ?? '',
          'involvedObject.kind': kind,
          'involvedObject.uid': one,
        };
        const fieldSelector = Object.entries(terms)
          .map(([field, value]) => `${field}=${value}`)
          .join(',');
        // Events about objects without a namespace are in some namespace all the same.
        return session.client.resource('Event').list({ namespace, fieldSelector, signal: session.signal });
      }),
    );
    return lists.flatMap(({ items }) => items).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  } catch {
    return [];
  }
}

const timeOf = ({ lastTimestamp, eventTime, series }: Event): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '';

/** How long ago: of repeats the last, how many there were, and since when. */
export function eventAge(event: Event, now: Date): string {
  const ago = (time: string | undefined): string =>
    time ? humanDuration(now.getTime() - Date.parse(time)) : '<unknown>';
  const first = event.firstTimestamp ?? event.eventTime;
  if (event.series) return `${ago(event.series.lastObservedTime)} (x${event.series.count} over ${ago(first)})`;
  if ((event.count ?? 0) > 1) return `${ago(event.lastTimestamp)} (x${event.count} over ${ago(first)})`;
  return ago(first);
}

/** The table at the end of a description. */
export function eventLines(events: readonly Event[], now: Date): string {
  if (events.length === 0) return 'Events:\t<none>\n';
  const lines = events.map((event) => {
    const from = event.source?.component || (event.reportingComponent ?? '');
    const message = (event.message ?? '').trim();
    return `  ${event.type ?? ''}\t${event.reason ?? ''}\t${eventAge(event, now)}\t${from}\t${message}\n`;
  });
  return `Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n${lines.join('')}`;
}
