import type { KubeObject, ObjectKey } from '@skiff/api/meta';
import type { StatusCause } from '@skiff/api/status';
import type { DeleteOptions } from './delete-options.ts';

/** Who asks, as authentication found out. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a strategy may know about the request that it serves. */
export interface WriteContext {
  readonly user: User;
  readonly dryRun: boolean;
  /** The time of the request. */
  readonly now: Date;
  /** Empty for the object itself, else `status`, `scale`, `binding`, ... */
  readonly subresource: string;
  /**
   * The field manager that comes to own what the write changes. Absent: `metadata.managedFields` stays as the object has it, as
   * in a binding or where server-side apply has worked it out already.
   */
  readonly manager?: string | undefined;
  /** Adds a `Warning` header to the answer (RFC 9111 section 5.5, code 299). */
  warn(message: string): void;
  /** Reads another object of the truth, as it is now. */
  read(kind: string, namespace: string | undefined, name: string): KubeObject | undefined;
  /** Lists other objects of the truth. */
  list(kind: string, namespace?: string): readonly KubeObject[];
  /** Writes other objects of the truth. */
  other(kind: string): OtherKind;
}

/** What a write changed. */
export interface Change<T = KubeObject> {
  readonly object?: T;
  readonly old?: T;
}

/** The door to another kind's objects (see `Registry`), for strategies whose objects bring others along. */
export interface OtherKind {
  create(object: KubeObject, context: WriteContext): Promise<KubeObject>;
  update(
    key: ObjectKey,
    change: (current: KubeObject | undefined) => KubeObject,
    context: WriteContext,
  ): Promise<unknown>;
  delete(key: ObjectKey, options: DeleteOptions, context: WriteContext): Promise<unknown>;
}

/** What an allocation took, to be given back if the write does not come about. */
export interface Reservation {
  release(): void;
}

/**
 * What is particular to one kind (upstream: pkg/registry/<group>/<kind>/strategy.go, pkg/apis/<group>/<version>/defaults.go and
 * pkg/apis/<group>/validation). Every method works on a plain JSON object that the caller owns and may be mutated where the doc says so.
 * The order in a write is: decode and prune, `default`, managed fields, `admit` and `default` again, `prepareForCreate` or
 * `prepareForUpdate`, `reserve`, `validate` with `validateCreate` or `validateUpdate`, `warnings`, `bound`, store.
 */
export interface Strategy<T = KubeObject> {
  /** What an object may be called: the messages of what is wrong. Also checked of `metadata.generateName`. */
  nameRule?: (name: string) => string[];
  /** Admission plugins that change the object (service account, tolerations): what they add has no field manager. Mutates. May throw a StatusError. */
  admit?(object: T, old: T | undefined, context: WriteContext): void;
  /** Fills in Kubernetes' defaults. Mutates; may run again on its own output. `old` is there on updates. */
  default?(object: T, old?: T): void;
  /** Clears what a creator may not set (status), sets what the server owns (`generation`). Mutates. */
  prepareForCreate?(object: T, context: WriteContext): void;
  /** Keeps what this (sub)resource may not change as it was in `old`, raises `generation` where the spec changed. Mutates `object` only. */
  prepareForUpdate?(object: T, old: T, context: WriteContext): void;
  validate?(object: T, context: WriteContext): StatusCause[];
  /** Rules of new objects alone, after `validate`: those that came after objects did. */
  validateCreate?(object: T, context: WriteContext): StatusCause[];
  /** Also checks what may not change. Does not repeat `validate`: the caller runs both, this one's causes first. */
  validateUpdate?(object: T, old: T, context: WriteContext): StatusCause[];
  /** In place of `validate` and `validateUpdate`, for kinds whose updates are judged by what they change (custom resources). */
  validateChange?(object: T, old: T | undefined, context: WriteContext): StatusCause[];
  /** Texts for `Warning` headers. */
  warnings?(object: T, old: T | undefined, context: WriteContext): string[];
  /** Takes, before anything else is checked, what must be unique across objects (cluster IPs, node ports) and writes it into the object. Rejects with a StatusError. */
  reserve?(object: T, old: T | undefined, context: WriteContext): Reservation | undefined;
  /** Admission plugins that hold a valid object against the bounds of its namespace (limit ranges, quotas). Rejects with a StatusError. */
  bound?(object: T, old: T | undefined, context: WriteContext): Reservation | undefined;
  /** Why an object may not be deleted at all (the Namespaces of the system): answered with 403. */
  refuseDelete?(object: T): string | undefined;
  /** Whether finalizers without a domain may have any name; elsewhere only Kubernetes' own do. */
  ownFinalizers?: boolean;
  /** Finalizers that a DELETE puts on an object, for what has to be done before it goes. */
  deletionFinalizers?: readonly string[];
  /** Whether a first DELETE only begins what the kind's controller does, whatever it says of dependents (Namespaces, CustomResourceDefinitions). */
  deletesInItsOwnWay?: boolean;
  /** Shows in the object that its deletion has begun (the phase of Namespaces). Mutates. */
  prepareForDelete?(object: T, now: Date): void;
  /**
   * Brings other objects into line with a write that is on disk, before the answer goes out (the records of cluster IPs, the use
   * of quotas). A creation has no `old`, a deletion no `object`; both are read-only.
   */
  afterWrite?(written: Change<T>, context: WriteContext): Promise<void>;
  /** Seconds that a deleted object stays, with `deletionTimestamp` set (Pods); 0 or absent: it goes at once. */
  gracePeriodSeconds?(object: T, asked: number | undefined): number;
  /** Whether finalizers other than `metadata.finalizers` hold the object (`spec.finalizers` of Namespaces). */
  hasOwnFinalizers?(object: T): boolean;
  /** Whether DELETE answers with the object instead of a Status (Pods, Services, Namespaces, ...). */
  deleteReturnsObject?: boolean;
  /** Whether a DELETE that does not say what becomes of the dependents leaves them behind (Jobs). */
  orphansDependents?: boolean;
  /** Texts for the `Warning` headers of a DELETE. */
  deleteWarnings?(options: DeleteOptions): string[];
  /** Whether a PUT has to name the version that it replaces (Leases). */
  updateNeedsVersion?: boolean;
  /** Whether PUT to a name that does not exist creates it (Services, Endpoints, Leases, ...). */
  updateCreates?: boolean;
  /** Paths that field selectors may name beside `metadata.name` and `metadata.namespace`, and how to read them. */
  fields?: Readonly<Record<string, (object: T) => string>>;
}
