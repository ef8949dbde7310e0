import { Compaction, type History } from './compaction.ts';
import { Feed } from './feed.ts';
import { GroupCommit, type Outcome } from './group-commit.ts';
import { Log } from './log.ts';
import type { Change, Encoded, Entry, Page, Revision, Store } from './store.ts';
import { Compacted, FutureRevision, KeyExists, RevisionConflict } from './store.ts';

export interface StoreOptions {
  /** The database file, in a folder that is there; or `:memory:`. */
  readonly path: string;
  /** How much of the past is kept: at most so many writes, none older than `age` in milliseconds. */
  readonly history?: History;
  /** What {@link Store.snapshot} gave: the state to begin with, of a store in memory. */
  readonly image?: Uint8Array;
}

/** Opens the store, alone: throws DataFolderInUse where another process has it open. */
export function openStore(options: StoreOptions): Store {
  return new SqliteStore(options);
}

interface Write {
  readonly type: Change['type'];
  readonly key: string;
  readonly expected: Revision;
  readonly value: Encoded;
}

class SqliteStore implements Store {
  readonly #log: Log;
  readonly #compaction: Compaction;
  readonly #commits = new GroupCommit<Write, Entry>((writes) => this.#commit(writes));
  readonly #feeds = new Set<Feed>();
  #revision: Revision;
  #closed = false;

  constructor({ path, history, image }: StoreOptions) {
    this.#log = new Log(path, image);
    this.#compaction = new Compaction(this.#log, history);
    this.#revision = this.#log.last();
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** Where history begins. */
  get head(): Revision {
    return this.#compaction.head;
  }

  create(key: string, value: Encoded): Promise<Entry> {
    return this.#write({ type: 'create', key, expected: 0, value });
  }

  update(key: string, expected: Revision, value: Encoded): Promise<Entry> {
    return this.#write({ type: 'update', key, expected, value });
  }

  delete(key: string, expected: Revision, value: Encoded): Promise<Entry> {
    return this.#write({ type: 'delete', key, expected, value });
  }

  list(prefix: string, { at = this.#revision, ...page }: { at?: Revision; limit?: number; after?: string } = {}): Page {
    this.#checkKept(at);
    if (at > this.#revision) throw new FutureRevision(at, this.#revision);
    return this.#log.list(prefix, { at, ...page });
  }

  changes(prefix: string, options: { after: Revision; until?: Revision; limit?: number }): readonly Change[] {
    this.#checkKept(options.after);
    return this.#log.changes(prefix, { until: this.#revision, ...options });
  }

  watch(prefix: string, { after, signal }: { after: Revision; signal: AbortSignal }): AsyncIterable<Change> {
    const feed = new Feed(this, prefix, after);
    const end = (): void => {
      this.#feeds.delete(feed);
      feed.close();
    };
    if (signal.aborted || this.#closed) end();
    else {
      this.#feeds.add(feed);
      signal.addEventListener('abort', end, { once: true });
    }
    return feed;
  }

  snapshot(): Promise<Uint8Array> {
    this.#commits.flush();
    return Promise.resolve(this.#log.image());
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#commits.flush();
    this.#closed = true;
    this.#compaction.stop();
    for (const feed of this.#feeds) feed.close();
    this.#feeds.clear();
    this.#log.close();
    return Promise.resolve();
  }

  #write(write: Write): Promise<Entry> {
    return this.#closed ? Promise.reject(new Error('the store is closed')) : this.#commits.add(write);
  }

  /** One transaction for all; readers learn of it only when it is on disk. */
  #commit(writes: readonly Write[]): Outcome<Entry>[] {
    const changes: Change[] = [];
    const outcomes = this.#log.transaction(() => writes.map((write) => this.#append(write, changes)));
    const last = changes.at(-1);
    if (last) {
      this.#revision = last.revision;
      for (const feed of this.#feeds) {
        if (feed.closed) this.#feeds.delete(feed);
        else feed.push(changes);
      }
      this.#compaction.grown(last.revision);
    }
    return outcomes;
  }

  #append({ type, key, expected, value }: Write, changes: Change[]): Outcome<Entry> {
    const { revision, entry } = this.#log.latest(key);
    if (type === 'create' && entry) return { refused: new KeyExists(entry) };
    if (type !== 'create' && entry?.revision !== expected) {
      return { refused: new RevisionConflict(key, expected, entry) };
    }
    const change = this.#log.append({ type, key, value, previous: entry, previousRevision: revision });
    changes.push(change);
    return { done: { key, value, revision: change.revision } };
  }

  #checkKept(revision: Revision): void {
    if (revision < this.head) throw new Compacted(revision, this.head);
  }
}
