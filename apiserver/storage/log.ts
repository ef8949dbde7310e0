import type { Database, Statement } from './database.ts';
import { openDatabase } from './database.ts';
import type { Change, Encoded, Entry, Page, Revision } from './store.ts';

/**
 * One row per write. A key's history is a chain: `previous` is the revision that the write replaced, 0 for none. That a revision
 * can be replaced but once, the unique index says; so it is the compare-and-swap, and it finds a key's latest row too, as revisions
 * of a key only rise. Row 0 is the head of the log: its `previous` is the revision up to which the log is compacted.
 */
const sql = `
  create table if not exists log (
    revision integer primary key autoincrement,
    key text not null,
    previous integer not null,
    type text not null check (type in ('head', 'create', 'update', 'delete')),
    value text not null,
    time integer not null
  );
  create unique index if not exists log_key_previous on log (key, previous);
  insert or ignore into log (revision, key, previous, type, value, time) values (0, '', 0, 'head', '', 0)
`;

type ChangeType = Change['type'];

interface Row {
  readonly revision: Revision;
  readonly key: string;
  readonly type: ChangeType;
  readonly value: Encoded;
}

interface ChainedRow extends Row {
  readonly previous: Revision;
  readonly previousValue: Encoded | null;
}

/** What is to be appended. */
export interface Append {
  readonly type: ChangeType;
  readonly key: string;
  readonly value: Encoded;
  /** What is there now, as {@link Log.latest} says. */
  readonly previous: Entry | undefined;
  /** The revision of the key's last row, also where that row is a delete; 0 for none. */
  readonly previousRevision: Revision;
}

/** The key's last row: `entry` is absent where it is a delete. */
export interface Latest {
  readonly revision: Revision;
  readonly entry: Entry | undefined;
}

const none: Latest = { revision: 0, entry: undefined };

/** The statements over the one table. Knows no promises and no watchers; the caller owns the transaction. */
export class Log {
  readonly #database: Database;
  readonly #insert: Statement<[string, Revision, ChangeType, Encoded, number]>;
  readonly #latest: Statement<[string], Row>;
  readonly #list: Statement<[string, string, string, Revision, Revision, number], Row>;
  readonly #changes: Statement<[Revision, Revision, string, string, number], ChainedRow>;
  readonly #timed: Statement<[Revision, Revision, number], { revision: Revision }>;
  readonly #forget: readonly Statement<[Revision, Revision]>[];
  readonly #setHead: Statement<[Revision]>;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;

  constructor(path: string, image?: Uint8Array) {
    const database = openDatabase(image ?? path, { version: 1, sql });
    this.#database = database;
    this.#insert = database.prepare('insert into log (key, previous, type, value, time) values (?, ?, ?, ?, ?)');
    this.#latest = database.prepare(
      'select revision, key, type, value from log where key = ? order by previous desc limit 1',
    );
    this.#list = database.prepare(`
      select revision, key, type, value from log as row
      where key >= ? and key < ? and key > ? and revision <= ? and type in ('create', 'update')
        and not exists (select 1 from log as next where next.key = row.key and next.previous = row.revision and next.revision <= ?)
      order by key limit ?`);
    this.#changes = database.prepare(`
      select row.revision, row.key, row.type, row.value, row.previous, before.value as previousValue
      from log as row left join log as before on before.revision = row.previous and row.type in ('update', 'delete')
      where row.revision > ? and row.revision <= ? and +row.key >= ? and +row.key < ?
      order by row.revision limit ?`);
    this.#timed = database.prepare(
      'select revision from log where revision > ? and revision <= ? and time < ? order by revision desc limit 1',
    );
    this.#forget = [
      database.prepare(`delete from log where revision in
        (select previous from log where revision > ? and revision <= ? and previous > 0)`),
      database.prepare(`delete from log where revision > ? and revision <= ? and type = 'delete'`),
    ];
    this.#setHead = database.prepare('update log set previous = ? where revision = 0');
    this.#begin = database.prepare('begin immediate');
    this.#commit = database.prepare('commit');
    this.#rollback = database.prepare('rollback');
  }

  /** Runs the body in one transaction: all of it is on disk when this returns, or nothing is kept and it throws. */
  transaction<T>(body: () => T): T {
    this.#begin.run();
    try {
      const result = body();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite has rolled back by itself where the disk is full.
      if (this.#database.inTransaction) this.#rollback.run();
      throw error;
    }
  }

  latest(key: string): Latest {
    const row = this.#latest.get(key);
    if (!row) return none;
    return { revision: row.revision, entry: row.type === 'delete' ? undefined : entryOf(row) };
  }

  append({ type, key, value, previous, previousRevision }: Append): Change {
    const { lastInsertRowid } = this.#insert.run(key, previousRevision, type, value, Date.now());
    return { type, key, value, revision: Number(lastInsertRowid), ...(previous && { previous }) };
  }

  /** What was there at a revision that is not compacted. */
  list(prefix: string, { at, limit, after }: { at: Revision; limit?: number; after?: string }): Page {
    const rows = this.#list.all(prefix, endOf(prefix), after ?? '', at, at, limit === undefined ? -1 : limit + 1);
    const more = limit !== undefined && rows.length > limit;
    return { entries: (more ? rows.slice(0, limit) : rows).map(entryOf), revision: at, more };
  }

  /** The changes after a revision that is not compacted. */
  changes(prefix: string, { after, until, limit }: { after: Revision; until: Revision; limit?: number }): Change[] {
    return this.#changes.all(after, until, prefix, endOf(prefix), limit ?? -1).map(changeOf);
  }

  /** Where the log ends. */
  last(): Revision {
    const sequence = this.#database.prepare<[], { seq: Revision }>(
      `select seq from sqlite_sequence where name = 'log'`,
    );
    return sequence.get()?.seq ?? 0;
  }

  /** Where the log's history begins. */
  head(): Revision {
    const head = this.#database.prepare<[], { previous: Revision }>('select previous from log where revision = 0');
    return head.get()?.previous ?? 0;
  }

  /** The last of the revisions in (from, to] that is older than a time; `from` where there is none. */
  olderThan(time: number, { from, to }: { from: Revision; to: Revision }): Revision {
    return this.#timed.get(from, to, time)?.revision ?? from;
  }

  /** Moves the head from one revision to a later one and drops what no revision from there on shows. */
  forget({ from, to }: { from: Revision; to: Revision }): void {
    for (const statement of this.#forget) statement.run(from, to);
    this.#setHead.run(to);
  }

  /** The database as a file's bytes. */
  image(): Uint8Array {
    const image = this.#database.serialize();
    // "Legacy" for readers and writers (SQLite's file format, 1.3): a database in memory can't have a write-ahead log.
    image.fill(1, 18, 20);
    return image;
  }

  close(): void {
    this.#database.close();
  }
}

/** The first text behind all that begin with the prefix. Keys are ASCII, and none is empty but the head's. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;

const entryOf = ({ key, value, revision }: Row): Entry => ({ key, value, revision });

function changeOf({ type, key, value, revision, previous, previousValue }: ChainedRow): Change {
  const before = previousValue === null ? undefined : { key, value: previousValue, revision: previous };
  return { type, key, value, revision, ...(before && { previous: before }) };
}
