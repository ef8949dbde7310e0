import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admitted } from './gate.ts';

/** A request that has passed authentication and authorization. */
export interface InterceptedRequest extends Admitted {
  readonly http: IncomingMessage;
  /** Absent on upgrades (WebSockets), which go on over `http.socket`. */
  readonly response?: ServerResponse;
}

/**
 * Stands between the gate and the routes, where tests watch requests and inject faults; in production there is none. The request
 * goes on when it resolves; what it throws is the answer, as if a route had thrown it. It may read the body, which is kept.
 */
export type Interceptor = (request: InterceptedRequest) => Promise<void> | void;
