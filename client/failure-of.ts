import { type Status, StatusError } from '@skiff/api/status';

/** The error that an answer with a failure's code describes: a Status where the body is one. */
export function failureOf(code: number, text: string): StatusError {
  let status: Partial<Status> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) status = parsed;
  } catch {
    status = { message: text.slice(0, 500) || `the server answered ${code}` };
  }
  return StatusError.from({ ...status, code });
}
