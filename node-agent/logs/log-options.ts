import { badRequest } from '@skiff/api/status';
import type { LogOptions } from './read-log.ts';

export interface LogRequest extends LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
}

/** Reads a request's options. Throws 400 on what is none. */
export function parseLogOptions(query: URLSearchParams, now: number): LogRequest {
  const tailLines = count(query, 'tailLines');
  const limitBytes = count(query, 'limitBytes');
  const seconds = count(query, 'sinceSeconds');
  const time = query.get('sinceTime');
  const since = seconds === undefined ? time && Date.parse(time) : now - seconds * 1000;
  if (Number.isNaN(since)) throw badRequest(`sinceTime must be a time as in RFC 3339, not ${JSON.stringify(time)}`);
  return {
    follow: flag(query, 'follow'),
    previous: flag(query, 'previous'),
    timestamps: flag(query, 'timestamps'),
    ...(typeof since === 'number' && { since }),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
  };
}

function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  // As the API server reads booleans: a name without a value is true.
  return value !== null && value !== 'false' && value !== '0';
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`${name} must be a whole number of 0 or more, not ${JSON.stringify(text)}`);
  return Number(text);
}
