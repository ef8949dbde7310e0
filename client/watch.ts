import { type Status, StatusError } from '@skiff/api/status';
import type { Client } from './client.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * The events of a watch, a JSON text a line (API concepts, "Efficient detection of changes"). Ends with the stream; an ERROR
 * event and a stream that breaks off are thrown.
 */
export async function* watchEvents<T>(
  client: Client,
  options: { path: string; signal?: AbortSignal | undefined },
): AsyncGenerator<WatchEvent<T>> {
  const response = await client.stream({ method: 'GET', ...options, idleMs: 0 });
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield eventOf(line);
    }
  } finally {
    response.destroy();
  }
}

function eventOf<T>(line: string): WatchEvent<T> {
  const event: WatchEvent<T> | { type: 'ERROR'; object: Status } = JSON.parse(line);
  if (event.type !== 'ERROR') return event;
  throw StatusError.from({ ...event.object, code: event.object.code ?? 500 });
}
