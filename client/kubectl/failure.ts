import { type StatusCause, StatusError } from '@skiff/api/status';
import { ConnectionError } from '../connection-error.ts';

/** What ends a command with a message; the code is the process's. Without a message, all was said already. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command line that can't be meant: kubectl adds where to read on. */
export class UsageError extends CommandError {}

/** Several failures, each of which is told. */
export class Failures extends Error {
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super('several failures');
    this.errors = errors;
  }
}

/** Throws what was collected: nothing, the one, or all. */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new Failures(errors);
}

/** A failure of the server with what the command was doing: `error when creating "web.yaml"`. */
export function whileDoing(error: unknown, doing: string): unknown {
  if (!(error instanceof StatusError) || isInvalidWithDetails(error)) return error;
  const { code, reason, details } = error;
  return new StatusError({ code, reason, details, message: `${doing}: ${error.message}` });
}

/** What kubectl prints for a failure (upstream: kubectl/pkg/cmd/util/helpers.go, `checkErr`). */
export function failureText(error: unknown, server: string): string {
  if (error instanceof Failures) {
    return error.errors
      .map((one) => (one instanceof CommandError ? `${one.message}\n` : failureText(one, server)))
      .join('');
  }
  if (error instanceof CommandError) return error.message === '' ? '' : `error: ${error.message}\n`;
  if (error instanceof StatusError) {
    if (isInvalidWithDetails(error)) return invalidText(error);
    return `Error from server${error.reason ? ` (${error.reason})` : ''}: ${error.message}\n`;
  }
  if (error instanceof ConnectionError) {
    if (error.code === 'ECONNREFUSED')
      return `The connection to the server ${hostOf(server)} was refused - did you specify the right host or port?\n`;
    return `Unable to connect to the server: ${causeOf(error)}\n`;
  }
  return `error: ${error instanceof Error ? error.message : String(error)}\n`;
}

const isInvalidWithDetails = (error: StatusError): boolean => error.reason === 'Invalid' && error.details !== undefined;

function invalidText({ message, details }: StatusError): string {
  const { kind, name, causes = [] } = details ?? {};
  let head = 'The request is invalid';
  if (kind || name) head = `The ${kind ?? ''} ${JSON.stringify(name ?? '')} is invalid`;
  else if (message && causes.length === 0) head += `: ${message}`;
  if (causes.length === 0) return `${head}\n`;
  const texts = [...new Set(causes.map((cause: StatusCause) => `${cause.field ?? ''}: ${cause.message}`))];
  return texts.length === 1 ? `${head}: ${texts[0]}\n` : `${head}: \n${texts.map((text) => `* ${text}\n`).join('')}`;
}

const hostOf = (server: string): string => (server.startsWith('unix:') ? server : new URL(server).host);

const causeOf = (error: Error): string => (error.cause instanceof Error ? error.cause.message : error.message);
