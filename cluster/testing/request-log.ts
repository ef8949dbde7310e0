import { readBody } from '@skiff/apiserver/http/body';
import type { InterceptedRequest } from '@skiff/apiserver/http/interceptor';
import { isOwnPart, matchesRequest, type RequestMatch } from './request-match.ts';

/** How many requests are remembered; the oldest are forgotten first. */
const REMEMBERED = 10_000;

/** One request that the API server got. */
export interface RecordedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly user: string;
  readonly userAgent: string;
  readonly contentType: string | undefined;
  /** The text of the body; empty where there was none. */
  readonly body: string;
  /** The answer's code; undefined until there is one. */
  readonly code: number | undefined;
}

interface Kept {
  readonly request: InterceptedRequest;
  readonly record: RecordedRequest & { code: number | undefined };
}

/** The requests of clients, in the order of their arrival. Those of the cluster's own parts are not among them. */
export class RequestLog implements Iterable<RecordedRequest> {
  #kept: Kept[] = [];

  /** Resolves when the body has been read. */
  async record(request: InterceptedRequest): Promise<void> {
    if (isOwnPart(request)) return;
    const { http, user, response } = request;
    const body = await bodyOf(request);
    const record: Kept['record'] = {
      method: http.method ?? 'GET',
      path: http.url ?? '/',
      user: user.name,
      userAgent: http.headers['user-agent'] ?? '',
      contentType: http.headers['content-type'],
      body,
      code: undefined,
    };
    response?.once('close', () => {
      if (response.headersSent) record.code = response.statusCode;
    });
    this.#kept.push({ request, record });
    if (this.#kept.length > REMEMBERED) this.#kept.shift();
  }

  /** Those that match. */
  of(match: RequestMatch): RecordedRequest[] {
    return this.#kept.filter(({ request }) => matchesRequest(match, request)).map(({ record }) => record);
  }

  get all(): RecordedRequest[] {
    return this.#kept.map(({ record }) => record);
  }

  /** Forgets all. */
  clear(): void {
    this.#kept = [];
  }

  [Symbol.iterator](): Iterator<RecordedRequest> {
    return this.all[Symbol.iterator]();
  }
}

async function bodyOf({ http, response }: InterceptedRequest): Promise<string> {
  if (!response || http.method === 'GET' || http.method === 'HEAD') return '';
  try {
    return (await readBody(http)).toString('utf8');
  } catch {
    // The route meets the same failure, and answers it.
    return '';
  }
}
