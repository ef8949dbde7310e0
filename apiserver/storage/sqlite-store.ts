import type { Store } from './store.ts';

export interface StoreOptions {
  /** The database file, in a folder that is there; or `:memory:`. */
  readonly path: string;
}

/** Opens the store. */
export function openStore(_options: StoreOptions): Store {
  throw new Error('not built yet');
}
