/** The slice of better-sqlite3 that Skiff uses, and no more. Only database.ts imports it. */
declare module 'better-sqlite3' {
  export interface Statement<Parameters extends unknown[], Row = never> {
    run(...parameters: Parameters): { changes: number; lastInsertRowid: number | bigint };
    get(...parameters: Parameters): Row | undefined;
    all(...parameters: Parameters): Row[];
  }

  export default class Database {
    constructor(source: string | Buffer, options?: { timeout?: number });
    readonly open: boolean;
    readonly inTransaction: boolean;
    exec(sql: string): this;
    prepare<Parameters extends unknown[], Row = never>(sql: string): Statement<Parameters, Row>;
    /** The bytes of the database file. */
    serialize(): Buffer;
    close(): this;
  }
}
