import type { User } from '../registry/strategy.ts';

/** What a request wants to do (upstream: authorizer.Attributes). */
export interface Attributes {
  readonly user: User;
  /** A verb of the kinds table, or a special one (`bind`, `escalate`, `impersonate`); for paths the HTTP method in lower case. */
  readonly verb: string;
  /** Absent for requests about a path, as `/healthz`. */
  readonly resource?: ResourceAttributes | undefined;
  /** The path of the request, where it is not about a resource. */
  readonly path?: string | undefined;
}

export interface ResourceAttributes {
  readonly group: string;
  readonly plural: string;
  readonly subresource?: string | undefined;
  /** Empty or absent: cluster-scoped, or all namespaces. */
  readonly namespace?: string | undefined;
  /** Empty or absent: no object is named, as in a list. */
  readonly name?: string | undefined;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, for people: `RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "cluster-admin" to Group "system:masters"`. */
  readonly reason: string;
}

export interface Authorizer {
  /** Synchronous: it is in each request's path. */
  authorize(attributes: Attributes): Decision;
}
