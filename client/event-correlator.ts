/** So many different messages of one reason about one object in {@link similarMs} are told one by one; later ones become one event. */
const mostSimilar = 10;
const similarMs = 10 * 60_000;
/** So many events about one object at once, and then one in so many milliseconds: more are dropped. */
const burst = 25;
const refillMs = 5 * 60_000;
/** What is remembered of so many objects. */
const remembered = 4096;

/** What an event is about, and what it says. */
export interface Told {
  /** Names the object and who tells of it. */
  readonly about: string;
  /** Which part of it, if not all. */
  readonly part?: string | undefined;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Keeps events from flooding the API (client-go: tools/record/events_cache.go). */
export class EventCorrelator {
  readonly #now: () => number;
  readonly #similar = new Map<string, { messages: Set<string>; last: number }>();
  readonly #tokens = new Map<string, { left: number; at: number }>();

  constructor({ now = () => performance.now() }: { now?: () => number } = {}) {
    this.#now = now;
  }

  /** The message to write, and the key under which repeats of it are counted; undefined where it is one too many. */
  correlate({ about, part = '', type, reason, message }: Told): { key: string; message: string } | undefined {
    if (!this.#mayTell(about)) return undefined;
    const group = [about, type, reason].join('\0');
    const now = this.#now();
    const known = this.#similar.get(group);
    const similar = known && now - known.last <= similarMs ? known : { messages: new Set<string>(), last: now };
    similar.last = now;
    remember(this.#similar, group, similar);
    similar.messages.add(message);
    if (similar.messages.size <= mostSimilar) return { key: [group, part, message].join('\0'), message };
    // The set need not grow for ever.
    similar.messages.delete(message);
    similar.messages.add('');
    return { key: group, message: `(combined from similar events): ${message}` };
  }

  #mayTell(about: string): boolean {
    const now = this.#now();
    const { left, at } = this.#tokens.get(about) ?? { left: burst, at: now };
    const tokens = Math.min(burst, left + (now - at) / refillMs);
    remember(this.#tokens, about, { left: Math.max(0, tokens - 1), at: now });
    return tokens >= 1;
  }
}

/** The one used last is the last to be forgotten. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) map.delete(oldest);
}
