import type { Clock } from '@skiff/api/clock';
import { gone } from '@skiff/api/status';
import type { Format } from '../http/negotiation.ts';
import type { Registry } from '../registry/registry.ts';
import { Compacted, type Revision } from '../storage/store.ts';
import type { IncludeObject } from '../table/table.ts';
import { Cached } from '../watch/cached.ts';
import type { CacheEvent, EventType } from '../watch/event.ts';
import { OUTBOX_BYTES, Outbox, type Sink } from '../watch/outbox.ts';
import type { Subscription } from '../watch/resource-cache.ts';
import type { ListOptions } from './list-options.ts';
import type { Predicate } from './selection.ts';
import { errorFrame, WatchFrames } from './watch-frames.ts';

/** How often a watch that allows bookmarks gets one. */
const bookmarkMs = 60_000;
/** Without a timeout of its own a watch ends after this at least and twice this at most, so that reconnects spread. */
const minTimeoutSeconds = 1800;

/** An event as a selection sees it: entering is ADDED, leaving is DELETED, undefined is none of its business. */
export function transition(event: CacheEvent, matches: Predicate): EventType | undefined {
  const { previous } = event;
  const was = previous !== undefined && matches(previous);
  if (event.type === 'DELETED')
    return was || (previous === undefined && matches(event.current)) ? 'DELETED' : undefined;
  const is = matches(event.current);
  if (event.type === 'ADDED') return is ? 'ADDED' : undefined;
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}

export interface WatchOptions extends ListOptions {
  readonly namespace: string;
  /** What the ages in tables are counted by. */
  readonly clock: Clock;
  readonly format: Format;
  readonly include: IncludeObject;
  /** Each of them ends the watch in order: the server stops, the kind is served no longer. */
  readonly until: readonly AbortSignal[];
}

/** Sends a watch's events to a sink until its time is up, a signal aborts, or its reader is gone or too slow. */
export class Watch {
  readonly #registry: Registry;
  readonly #options: WatchOptions;
  readonly #frames: WatchFrames;
  readonly #sink: Sink;
  #outbox: Outbox;
  #subscription: Subscription | undefined;
  #timers: NodeJS.Timeout[] = [];
  #over = false;
  /** The newest revision that the client has heard of. */
  #seen: Revision = 0;

  constructor(registry: Registry, sink: Sink, options: WatchOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#sink = sink;
    this.#frames = new WatchFrames(registry, options);
    this.#outbox = new Outbox(sink, { onCut: () => this.#stop() });
  }

  /** Begins; ends by itself. */
  start(): void {
    const { resourceVersion, sendInitialEvents, timeoutSeconds, allowWatchBookmarks, until } = this.#options;
    for (const signal of until) signal.addEventListener('abort', this.#end);
    this.#sink.onClose(() => this.#stop());
    if (until.some(({ aborted }) => aborted)) this.#end();
    if (this.#over) return;
    const seconds = timeoutSeconds || minTimeoutSeconds * (1 + Math.random());
    this.#timers.push(setTimeout(this.#end, Math.min(seconds * 1000, 2 ** 31 - 1)));
    if (allowWatchBookmarks) this.#timers.push(setInterval(() => this.#bookmark(), bookmarkMs));
    for (const timer of this.#timers) timer.unref();
    const fromNow = !resourceVersion || sendInitialEvents;
    if (fromNow && resourceVersion && resourceVersion > this.#registry.cache.revision) {
      // A watch list at a version that has not happened yet waits for it.
      void this.#registry.cache.reached(resourceVersion).then(() => this.#begin(undefined), this.#end);
    } else this.#begin(fromNow ? undefined : resourceVersion);
  }

  #begin(after: Revision | undefined): void {
    if (this.#over) return;
    const { sendInitialEvents } = this.#options;
    if (after === undefined && sendInitialEvents !== false) this.#sendCurrent(sendInitialEvents ?? false);
    try {
      this.#subscription = this.#registry.cache.subscribe({
        after: after ?? this.#registry.cache.revision,
        onEvent: (event) => this.#event(event),
        onGone: this.#end,
      });
    } catch (error) {
      if (!(error instanceof Compacted)) throw error;
      const message = `too old resource version: ${after} (${error.oldest})`;
      this.#outbox.send(errorFrame(gone(message).toStatus()));
      this.#end();
    }
  }

  /** What is there already, past the outbox: a long list is no sign of a slow reader. */
  #sendCurrent(mark: boolean): void {
    const { namespace, matches } = this.#options;
    const { items, revision } = this.#registry.cache.list(namespace);
    const frames = items.filter((cached) => matches(cached)).map((cached) => this.#frames.event('ADDED', cached));
    if (mark && this.#options.allowWatchBookmarks) frames.push(this.#frames.bookmark(revision, { initial: true }));
    this.#seen = revision;
    if (frames.length === 0) return;
    const size = frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#sink.write(frames);
    this.#outbox = new Outbox(this.#sink, { limit: OUTBOX_BYTES + size, onCut: () => this.#stop() });
  }

  #event(event: CacheEvent): void {
    const { namespace, matches } = this.#options;
    this.#seen = event.revision;
    if (namespace && event.current.namespace !== namespace) return;
    const type = transition(event, matches);
    if (!type) return;
    if (type === event.type && this.#frames.plain) this.#outbox.send(event.frame());
    else if (type === 'DELETED' && event.type !== 'DELETED' && event.previous) {
      this.#outbox.send(this.#frames.event(type, leaving(event)));
    } else this.#outbox.send(this.#frames.event(type, event.current));
  }

  #bookmark(): void {
    this.#outbox.send(this.#frames.bookmark(this.#registry.cache.revision));
  }

  readonly #end = (): void => {
    if (this.#options.allowWatchBookmarks && this.#subscription && this.#seen < this.#registry.cache.revision) {
      this.#bookmark();
    }
    this.#stop();
    this.#outbox.end();
  };

  #stop(): void {
    this.#over = true;
    this.#subscription?.close();
    this.#subscription = undefined;
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    for (const signal of this.#options.until) signal.removeEventListener('abort', this.#end);
  }
}

/** An object that left a selection: as it was in it, at the version of the change. */
function leaving({ previous, current, revision }: CacheEvent): Cached {
  const { key, object } = previous ?? current;
  const { resourceVersion: _version, ...metadata } = object.metadata;
  return new Cached({ key, revision, value: JSON.stringify({ ...object, metadata }) });
}
