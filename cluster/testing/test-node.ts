/** A node that a test can stop and start. */
export interface TestNode {
  readonly name: string;
  /** The node falls silent, as if its machine had lost power. */
  stop(): Promise<void>;
  /** Resolves when it is Ready again. */
  start(): Promise<void>;
}
