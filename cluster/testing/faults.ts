import type { Duplex } from 'node:stream';
import { gone, StatusError, type StatusReason, statusCodes } from '@skiff/api/status';
import type { InterceptedRequest, Interceptor } from '@skiff/apiserver/http/interceptor';
import { RequestLog } from './request-log.ts';
import { matchesRequest, type RequestMatch } from './request-match.ts';
import type { Undo } from './simulated-pods.ts';

/** How often a fault strikes: 1 unless said otherwise; `always` until it is taken back. */
export interface FaultOptions {
  readonly times?: number | 'always';
}

export interface FailureOptions extends FaultOptions {
  /** Default: InternalError, which is 500. */
  readonly reason?: StatusReason;
  readonly message?: string;
  /** Seconds, as header and in the Status. */
  readonly retryAfter?: number;
}

interface Fault {
  readonly match: RequestMatch;
  left: number;
  /** What happens to a request; what it throws is the answer. */
  readonly strike: (request: InterceptedRequest, takenBack: AbortSignal) => Promise<void> | void;
  readonly end: AbortController;
}

interface Stall {
  readonly match: RequestMatch;
  readonly corked: Set<Duplex>;
}

/** What can go wrong between a client and the API server, for tests of clients. Own parts of the cluster are spared unless the match says so. */
export class Faults {
  readonly requests = new RequestLog();
  readonly #faults = new Set<Fault>();
  readonly #watches = new Set<InterceptedRequest>();
  readonly #stalls = new Set<Stall>();
  readonly #pause: (controller: string) => Promise<Undo>;

  constructor(options: { pauseController: (name: string) => Promise<Undo> }) {
    this.#pause = options.pauseController;
  }

  /** Requests fail: with 500, or what the reason stands for. */
  fail(match: RequestMatch = {}, options: FailureOptions = {}): Undo {
    const { reason = 'InternalError', message = `the test makes this request fail: ${reason}`, retryAfter } = options;
    return this.#add(match, options, () => {
      const details = retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter };
      throw new StatusError({ code: statusCodes[reason], reason, message, details });
    });
  }

  /** Requests are refused with 429 and `Retry-After`, in seconds. */
  tooManyRequests(
    match: RequestMatch = {},
    { retryAfter = 1, ...options }: FaultOptions & { retryAfter?: number } = {},
  ): Undo {
    const message = 'Too many requests, please try again later.';
    return this.fail(match, { reason: 'TooManyRequests', message, retryAfter, ...options });
  }

  /** Updates meet a Conflict, as if somebody else had been faster. */
  conflict(match: RequestMatch = {}, options: FaultOptions = {}): Undo {
    return this.#add({ verb: ['update', 'patch'], ...match }, options, ({ info }) => {
      if (!info.isResource) return;
      const resource = info.group ? `${info.resource}.${info.group}` : info.resource;
      const why = 'the object has been modified; please apply your changes to the latest version and try again';
      throw new StatusError({
        code: 409,
        reason: 'Conflict',
        message: `Operation cannot be fulfilled on ${resource} "${info.name}": ${why}`,
        details: { name: info.name, ...(info.group && { group: info.group }), kind: info.resource },
      });
    });
  }

  /** Lists and watches that begin are answered with 410: the history that they ask for is gone. */
  expire(match: RequestMatch = {}, options: FaultOptions = {}): Undo {
    return this.#add({ verb: ['list', 'watch'], ...match }, options, () => {
      throw tooOld();
    });
  }

  /** Requests wait so many milliseconds before they are answered. */
  slow(match: RequestMatch, { ms, ...options }: FaultOptions & { ms: number }): Undo {
    return this.#add(match, { times: 'always', ...options }, (_request, signal) => waitFor(ms, signal));
  }

  /** Requests wait until the hold is taken back. */
  hold(match: RequestMatch): Undo {
    return this.#add(match, { times: 'always' }, (_request, signal) => waitFor(undefined, signal));
  }

  /** Cuts the connections of watches that run. Returns how many there were. */
  dropWatches(match: RequestMatch = {}): number {
    const running = this.#running(match);
    for (const { http } of running) http.socket.destroy();
    return running.length;
  }

  /** Ends watches that run (over HTTP) with an ERROR event, 410: their clients are to list again. Returns how many there were. */
  expireWatches(match: RequestMatch = {}): number {
    const running = this.#running(match).flatMap(({ response }) => response ?? []);
    for (const response of running) {
      // What the watch still writes has no way out.
      response.on('error', () => undefined);
      response.end(`${JSON.stringify({ type: 'ERROR', object: tooOld().toStatus() })}\n`);
    }
    return running.length;
  }

  /** Nothing more comes on watches that run or begin, as over a half-open connection; then, when it is taken back, all that they missed. */
  stallWatches(match: RequestMatch = {}): Undo {
    const stall: Stall = { match, corked: new Set() };
    this.#stalls.add(stall);
    for (const { http } of this.#running(match)) cork(stall, http.socket);
    return () => this.#resume(stall);
  }

  /** Ends a controller as if it had crashed, until that is taken back: `deployment-controller`, `default-scheduler`. */
  pauseController(name: string): Promise<Undo> {
    return this.#pause(name);
  }

  /** Takes all of them back but paused controllers. */
  clear(): void {
    for (const fault of this.#faults) this.#remove(fault);
    for (const stall of this.#stalls) this.#resume(stall);
  }

  /** For the API server. */
  readonly interceptor: Interceptor = async (request) => {
    await this.requests.record(request);
    const fault = [...this.#faults].find(({ match }) => matchesRequest(match, request));
    if (fault) {
      fault.left -= 1;
      if (fault.left <= 0) this.#faults.delete(fault);
      await fault.strike(request, fault.end.signal);
    }
    if (request.info.verb === 'watch') this.#follow(request);
  };

  #add(match: RequestMatch, { times = 1 }: FaultOptions, strike: Fault['strike']): Undo {
    const left = times === 'always' ? Number.POSITIVE_INFINITY : times;
    const fault: Fault = { match, left, strike, end: new AbortController() };
    this.#faults.add(fault);
    return () => this.#remove(fault);
  }

  #remove(fault: Fault): void {
    this.#faults.delete(fault);
    fault.end.abort();
  }

  #follow(request: InterceptedRequest): void {
    const { socket } = request.http;
    this.#watches.add(request);
    (request.response ?? socket).once('close', () => this.#watches.delete(request));
    for (const stall of this.#stalls) if (matchesRequest(stall.match, request)) cork(stall, socket);
  }

  #resume(stall: Stall): void {
    this.#stalls.delete(stall);
    for (const socket of stall.corked) socket.uncork();
    stall.corked.clear();
  }

  #running(match: RequestMatch): InterceptedRequest[] {
    return [...this.#watches].filter((request) => matchesRequest(match, request));
  }
}

function cork(stall: Stall, socket: Duplex): void {
  socket.cork();
  stall.corked.add(socket);
}

/** Resolves after a while, and at once when the signal aborts. Holds no process alive. */
function waitFor(ms: number | undefined, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = ms === undefined ? undefined : setTimeout(resolve, ms).unref();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

const tooOld = (): StatusError => gone('too old resource version: the test says so');
