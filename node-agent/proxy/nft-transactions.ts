import { CommandFailed } from '../exec.ts';

/** A user namespace bounds a netlink message by `net.core.wmem_default`; this much text fits the usual 208 KiB. */
export const TRANSACTION_BYTES = 48 * 1024;

/**
 * Sends pieces of commands in as few transactions as fit, in order. A transaction that the kernel finds too long is halved. Rejects with
 * what `send` rejected with; the transactions before it have taken effect.
 */
export async function sendInTransactions(
  pieces: readonly string[],
  send: (commands: string) => Promise<unknown>,
  maxBytes = TRANSACTION_BYTES,
): Promise<void> {
  for (const transaction of transactions(pieces, maxBytes)) {
    try {
      await send(transaction.join(''));
    } catch (error) {
      if (!isTooLong(error) || transaction.length < 2) throw error;
      const middle = Math.ceil(transaction.length / 2);
      await sendInTransactions(transaction.slice(0, middle), send, maxBytes);
      await sendInTransactions(transaction.slice(middle), send, maxBytes);
    }
  }
}

function* transactions(pieces: readonly string[], maxBytes: number): Generator<string[]> {
  let current: string[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    if (current.length > 0 && bytes + piece.length > maxBytes) {
      yield current;
      current = [];
      bytes = 0;
    }
    current.push(piece);
    bytes += piece.length;
  }
  if (current.length > 0) yield current;
}

function isTooLong(error: unknown): boolean {
  return error instanceof CommandFailed && error.stderr.includes('Message too long');
}
