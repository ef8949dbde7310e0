import type { Deployment } from '@skiff/api/types';
import { wireTime } from '../wire-time.ts';

export type DeploymentStatus = NonNullable<Deployment['status']>;
export type Condition = NonNullable<DeploymentStatus['conditions']>[number];
type Type = 'Available' | 'Progressing' | 'ReplicaFailure';

/** The conditions of a Deployment while they are worked out: an immutable list whose changed entries move to its end. */
export class Conditions {
  readonly list: readonly Condition[];

  constructor(list: readonly Condition[] = []) {
    this.list = list;
  }

  get(type: Type): Condition | undefined {
    return this.list.find((condition) => condition.type === type);
  }

  without(type: Type): Conditions {
    return this.get(type) ? new Conditions(this.list.filter((condition) => condition.type !== type)) : this;
  }

  /** Status and reason unchanged: the condition stays as it is. Only another status moves the time of transition. */
  with(type: Type, change: { status: string; reason: string; message: string; now: number }): Conditions {
    const before = this.get(type);
    if (before?.status === change.status && before.reason === change.reason) return this;
    return this.renewed(type, change);
  }

  /** As {@link with}, but the time of update moves in any case: there was a sign of life. */
  renewed(type: Type, change: { status: string; reason: string; message: string; now: number }): Conditions {
    const { now, ...rest } = change;
    const time = wireTime(now);
    const before = this.get(type);
    const lastTransitionTime = before?.status === change.status ? (before.lastTransitionTime ?? time) : time;
    return new Conditions([...this.without(type).list, { type, ...rest, lastUpdateTime: time, lastTransitionTime }]);
  }
}
