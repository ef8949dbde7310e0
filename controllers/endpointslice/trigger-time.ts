import type { Pod, Service } from '@skiff/api/types';
import { podCondition } from '../pod-state.ts';

interface Seen {
  service: string;
  readonly pods: Map<string, string>;
}

/**
 * Finds the time at which the change happened that a write is about to publish: the earliest change among those not seen
 * before. Readers of the annotation measure with it how long the way from a Pod to a client's rules takes.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>();

  /** RFC 3339, or undefined where nothing new happened. Remembers what it was shown. */
  compute(key: string, service: Service, pods: readonly Pod[]): string | undefined {
    const before = this.#seen.get(key);
    const now: Seen = { service: service.metadata.creationTimestamp ?? '', pods: new Map() };
    const changes: string[] = [];
    if (now.service > (before?.service ?? '')) changes.push(now.service);
    for (const pod of pods) {
      const time = podCondition(pod, 'Ready')?.lastTransitionTime;
      if (!time) continue;
      now.pods.set(pod.metadata.name, time);
      if (time > (before?.pods.get(pod.metadata.name) ?? '')) changes.push(time);
    }
    this.#seen.set(key, now);
    return changes.sort()[0];
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}
