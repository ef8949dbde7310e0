import type { Container } from '@skiff/node-agent/pods/types';
import type { ContainerProbes, PodProbesOptions } from '@skiff/node-agent/probes/pod-probes';
import type { ContainerStatus } from '@skiff/node-agent/runtime/runtime';
import type { SimulatedPods } from './simulated-pods.ts';

/** Asks the test instead of the containers, which are no programs: all have started up, none fails, and the test says who is ready. */
export class SimulatedProbes implements ContainerProbes {
  readonly #pods: SimulatedPods;
  readonly #pod: PodProbesOptions['pod'];

  constructor(pods: SimulatedPods, { pod }: PodProbesOptions) {
    this.#pods = pods;
    this.#pod = pod;
  }

  follow(_running: ReadonlyMap<Container, ContainerStatus>): void {
    // Whoever changes what the test says has the Pods looked at anew.
  }

  isStarted(_name: string): boolean {
    return true;
  }

  isReady(name: string): boolean {
    return this.#pods.isReady(this.#pod().metadata, name);
  }

  failure(_name: string): undefined {
    return undefined;
  }

  stop(): void {
    // It holds nothing.
  }
}
