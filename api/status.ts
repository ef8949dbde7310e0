/**
 * The errors of the Kubernetes API: every failure travels as a `Status` object (API reference, "Status v1 meta").
 * The one table from reason to HTTP code is read forwards by the server and backwards by the client.
 */
export const statusCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export type StatusReason = keyof typeof statusCodes;

/** One cause of an Invalid answer: which field, which rule, and what to say about it. */
export interface StatusCause {
  /** `FieldValueRequired`, `FieldValueInvalid`, `FieldValueDuplicate`, `FieldValueForbidden`, ...; absent of an internal error. */
  reason?: string;
  message: string;
  /** The path of the field, as `spec.ports[0].nodePort`. */
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `Status` of meta/v1, in the shape that kube-apiserver writes. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  /** Of a list that expired: the token that continues it. */
  metadata: { continue?: string };
  status: 'Success' | 'Failure';
  message?: string;
  /** Absent on some plain failures of kube-apiserver. */
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** A failure of the API, thrown by the server's code and by the client's alike. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: string | undefined;
  readonly details: StatusDetails | undefined;
  readonly continue: string | undefined;

  constructor(options: {
    code: number;
    reason?: string | undefined;
    message: string;
    details?: StatusDetails | undefined;
    continue?: string | undefined;
  }) {
    super(options.message);
    this.code = options.code;
    this.reason = options.reason;
    this.details = options.details;
    this.continue = options.continue;
  }

  /** The error as it goes over the wire. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message: this.message,
      ...(this.reason !== undefined && { reason: this.reason }),
      ...(this.details !== undefined && { details: this.details }),
      code: this.code,
    };
  }

  /** The error that a server's answer describes. */
  static from(status: Partial<Status> & { code: number }): StatusError {
    const { code, reason, details, message = `the server answered ${code}` } = status;
    return new StatusError({ code, reason, message, details, continue: status.metadata?.continue });
  }
}

/** The resource that an error is about: the group and plural name. */
export interface ResourceName {
  group: string;
  plural: string;
}

const qualified = ({ group, plural }: ResourceName): string => (group ? `${plural}.${group}` : plural);
const about = ({ group, plural }: ResourceName, name?: string): StatusDetails => ({
  ...(name && { name }),
  ...(group && { group }),
  kind: plural,
});

function failure(reason: StatusReason, message: string, details?: StatusDetails): StatusError {
  return new StatusError({ code: statusCodes[reason], reason, message, details });
}

export const badRequest = (message: string): StatusError => failure('BadRequest', message);
export const unauthorized = (): StatusError => failure('Unauthorized', 'Unauthorized');
export const internalError = (message: string): StatusError =>
  failure('InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
/** `next`: where a list that has expired may be taken up all the same. */
export const gone = (message: string, next?: string): StatusError =>
  new StatusError({ code: statusCodes.Expired, reason: 'Expired', message, continue: next });
export const unsupportedMediaType = (message: string): StatusError => failure('UnsupportedMediaType', message);
export const notAcceptable = (message: string): StatusError => failure('NotAcceptable', message);
export const tooLarge = (message: string): StatusError => failure('RequestEntityTooLarge', message);

export const notFound = (resource: ResourceName, name: string): StatusError =>
  failure('NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name));

export const alreadyExists = (resource: ResourceName, name: string): StatusError =>
  failure('AlreadyExists', `${qualified(resource)} "${name}" already exists`, about(resource, name));

export const conflict = (resource: ResourceName, name: string, why: string): StatusError =>
  failure(
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    about(resource, name),
  );

/** `name` is empty where the request names no object, as on a list. */
export const forbidden = (resource: ResourceName, name: string, why: string): StatusError =>
  failure('Forbidden', `${qualified(resource)}${name ? ` "${name}"` : ''} is forbidden: ${why}`, about(resource, name));

export const methodNotAllowed = (resource: ResourceName, verb: string): StatusError =>
  failure(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualified(resource)}"`,
    about(resource),
  );

/** 422: the object is well formed and breaks these rules. `kind` is the kind's name, not its plural. */
export function invalid(kind: { group: string; kind: string }, name: string, causes: StatusCause[]): StatusError {
  const messages = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  const list = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`;
  const target = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  return failure('Invalid', `${target} "${name}" is invalid: ${list}`, {
    ...(name && { name }),
    ...(kind.group && { group: kind.group }),
    ...(kind.kind && { kind: kind.kind }),
    causes,
  });
}

const has = (error: unknown, reason: StatusReason): boolean => error instanceof StatusError && error.reason === reason;

export const isNotFound = (error: unknown): boolean => has(error, 'NotFound');
export const isAlreadyExists = (error: unknown): boolean => has(error, 'AlreadyExists');
export const isConflict = (error: unknown): boolean => has(error, 'Conflict');
export const isInvalid = (error: unknown): boolean => has(error, 'Invalid');
export const isForbidden = (error: unknown): boolean => has(error, 'Forbidden');
/** 410: the history that was asked for is gone; list again. */
export const isExpired = (error: unknown): boolean => has(error, 'Expired') || has(error, 'Gone');
