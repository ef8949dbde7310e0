import { StatusError, type StatusReason, statusCodes } from '@skiff/api/status';

/** Failures of the request itself, which say nothing about an object: their details are empty. */
function plain(reason: StatusReason, message: string): StatusError {
  return new StatusError({ code: statusCodes[reason], reason, message, details: {} });
}

/** The path names a group that is served, and no resource or version of it. */
export const noSuchResource = (): StatusError => plain('NotFound', 'the server could not find the requested resource');

export const methodRefused = (): StatusError =>
  plain('MethodNotAllowed', 'the server does not allow this method on the requested resource');

/** The answer to paths that belong to nothing: plain text, as Go's mux writes it. */
export const pageNotFound = '404 page not found\n';

/** Any error as the client may see it: what is no Status of ours is a bland 500. */
export function asStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return new StatusError({ code: 500, reason: 'InternalError', message: 'Internal error occurred', details: {} });
}
