import type { KubeObject } from '@skiff/api/meta';
import type { KindName, KindTypes } from '@skiff/api/types';
import { describeDeployment } from './deployment.ts';
import type { Describer } from './describer.ts';
import { describeAnything } from './generic.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import { describeReplicaSet } from './replica-set.ts';
import { describeRole, describeRoleBinding } from './role.ts';
import { describeService } from './service.ts';
import {
  describeConfigMap,
  describeEndpointSlice,
  describeEndpoints,
  describeNamespace,
  describeSecret,
  describeServiceAccount,
} from './small.ts';

const typed: { [K in KindName]?: Describer<KindTypes[K]> } = {
  ClusterRole: describeRole,
  ClusterRoleBinding: describeRoleBinding,
  ConfigMap: describeConfigMap,
  Deployment: describeDeployment,
  EndpointSlice: describeEndpointSlice,
  Endpoints: describeEndpoints,
  Namespace: describeNamespace,
  Node: describeNode,
  Pod: describePod,
  ReplicaSet: describeReplicaSet,
  Role: describeRole,
  RoleBinding: describeRoleBinding,
  Secret: describeSecret,
  Service: describeService,
  ServiceAccount: describeServiceAccount,
};

// A describer is only handed objects of its kind.
const byKind = new Map(Object.entries(typed) as unknown as [string, Describer<KubeObject>][]);

export function describerFor(kind: string): Describer<KubeObject> {
  return byKind.get(kind) ?? describeAnything;
}
