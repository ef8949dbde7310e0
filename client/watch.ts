import { type Status, StatusError } from '@skiff/api/status';
import type { Client } from './client.ts';
import { ConnectionError } from './connection-error.ts';
import type { RequestOptions } from './transport.ts';

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

/**
 * The events of a watch, a JSON text a line (API concepts, "Efficient detection of changes"). Ends when the server ends the
 * stream; an ERROR event is thrown as a StatusError, and a stream that breaks off as a ConnectionError.
 */
export async function* watchEvents<T>(
  client: Client,
  options: Pick<RequestOptions, 'path' | 'accept' | 'signal' | 'idleMs'>,
): AsyncGenerator<WatchEvent<T>> {
  const { server } = client.config;
  const response = await client.stream({ ...options, method: 'GET' });
  // Puts characters together whose bytes came in two pieces.
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield eventOf(line);
    }
    if (rest.trim() !== '') throw new Error('the watch ended within an event');
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw error instanceof StatusError ? error : new ConnectionError(server, error);
  } finally {
    response.destroy();
  }
}

function eventOf<T>(line: string): WatchEvent<T> {
  const event: WatchEvent<T> | { type: 'ERROR'; object: Status } = JSON.parse(line);
  if (event.type !== 'ERROR') return event;
  throw StatusError.from({ ...event.object, code: event.object.code ?? 500 });
}
