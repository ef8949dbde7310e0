import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject } from '@skiff/api/meta';
import type { User } from '../registry/strategy.ts';
import type { ResourceRequestInfo } from '../request-info.ts';
import type { Printer } from '../table/columns.ts';
import type { Cached } from '../watch/cached.ts';

/** A request about a resource, on its way through a route. */
export interface ApiRequest {
  readonly info: ResourceRequestInfo;
  readonly user: User;
  readonly query: URLSearchParams;
  readonly http: IncomingMessage;
  /** What the client calls itself: the field manager of writes that name none. */
  readonly agent: string;
  /** For routes that stream; the others return an {@link Answer}. */
  readonly response: ServerResponse;
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** Texts for `Warning` headers, each once. */
  readonly warnings: Set<string>;
  /** When the request came. */
  readonly now: Date;
}

/** What a route answers; how it is written down depends on what the client accepts. Undefined: the route has answered. */
export type Answer = ObjectAnswer | ListAnswer | StatusAnswer | undefined;

/** An object: of the route's kind, or one that stands for it. */
export interface ObjectAnswer {
  readonly code: number;
  readonly object: KubeObject;
  /** The object's JSON, where it is at hand. */
  readonly json?: string;
  /** How it shows as a table, where it is of another kind than the route: a Scale. */
  readonly printer?: Printer;
}

export interface ListAnswer {
  readonly code: 200;
  readonly items: readonly Pick<Cached, 'object' | 'json'>[];
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** Something that has no table: a Status, a TokenRequest. */
export interface StatusAnswer {
  readonly code: number;
  readonly status: object;
}
