import Database, { type Statement } from 'better-sqlite3';

export type { Database, Statement };

/** Another process (or another store of this one) has the database open. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
  readonly path: string;
  constructor(path: string, options?: ErrorOptions) {
    super(`the database "${path}" is in use by another process: end it, or choose another data folder`, options);
    this.path = path;
  }
}

/** What the write-ahead log keeps of the disk after a burst. */
const JOURNAL_BYTES = 16 * 1024 * 1024;

/**
 * Opens a database for one process alone. The lock is the operating system's, so it goes with the process, however that ends; and
 * as nobody else looks, the index of the write-ahead log stays in this process's memory. `synchronous=FULL` makes a commit return
 * when it is on disk. Instead of a path, the bytes of a database: it is opened in memory.
 */
export function openDatabase(
  source: string | Uint8Array,
  schema: { readonly version: number; readonly sql: string },
): Database {
  const path = typeof source === 'string' ? source : ':memory:';
  const database = new Database(typeof source === 'string' ? source : Buffer.from(source), { timeout: 0 });
  try {
    database.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma journal_size_limit = ${JOURNAL_BYTES};
    `);
    const found = database.prepare<[], { user_version: number }>('pragma user_version').get()?.user_version ?? 0;
    if (found > schema.version) {
      throw new Error(
        `the database "${path}" was made by a newer Skiff (format ${found}, this one knows ${schema.version})`,
      );
    }
    database.exec(`begin immediate; ${schema.sql}; pragma user_version = ${schema.version}; commit`);
    return database;
  } catch (error) {
    database.close();
    throw isBusy(error) ? new DataFolderInUse(path, { cause: error }) : error;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
