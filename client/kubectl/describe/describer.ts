import type { Session } from '../session.ts';

/** What a describer is given beside the object. */
export interface DescribeContext {
  readonly session: Session;
  readonly now: Date;
  /** The table of the object's Events, ready to be added; empty where none are wanted. */
  readonly events: string;
}

/** Makes of an object text with tabs. May read other objects. */
export type Describer<T> = (object: T, context: DescribeContext) => string | Promise<string>;
