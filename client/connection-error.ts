import { StatusError } from '@skiff/api/status';

/** The API server could not be reached, or the connection broke before the answer was complete. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The system's name for it, as `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;

  constructor(server: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(`the connection to the API server at ${server} failed: ${message}`, { cause });
    this.code = codeOf(cause);
  }
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the fault is with the way to the server, or the server is not up to it now: the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof StatusError)) return false;
  const { code } = error;
  return code === 429 || code === 503 || code === 504;
}
