import type { Clock } from '../clock.ts';
import { type Marks, markOf } from '../runtime/marked-processes.ts';
import { OpenListeners } from './open-listeners.ts';

/** How often is looked; where other programs have to be asked for it, less often. */
const PERIOD_MS = process.platform === 'linux' ? 1000 : 5000;

/** `8080/TCP`, in order. */
export type Ports = readonly string[];

/** Tells on which ports the containers of a node listen on all addresses of the machine, where Pods share them. */
export class ContainerListeners {
  readonly #listeners: OpenListeners;
  readonly #clock: Clock;
  readonly #watchers = new Set<() => void>();
  /** The containers of the processes that were found the last time, as the search for them is long. */
  #containers: ReadonlyMap<number, string | undefined> = new Map();
  #found: ReadonlyMap<string, Ports> = new Map();
  #cancel: () => void = () => undefined;

  /** `marks`: those of the node's processes. */
  constructor({ marks, clock }: { marks: Marks; clock: Clock }) {
    this.#listeners = new OpenListeners(marks);
    this.#clock = clock;
  }

  /** None where the container keeps to its own address. */
  portsOf(containerId: string): Ports {
    return this.#found.get(containerId) ?? [];
  }

  /** Calls back when something has changed. Nobody looks while nobody watches. */
  watch(callback: () => void): () => void {
    this.#watchers.add(callback);
    if (this.#watchers.size === 1) this.#lookLater();
    return () => {
      this.#watchers.delete(callback);
      if (this.#watchers.size === 0) this.#cancel();
    };
  }

  look(): void {
    const before = JSON.stringify([...this.#found]);
    const listeners = this.#listeners.find();
    const containerOf = (pid: number): string | undefined =>
      this.#containers.has(pid) ? this.#containers.get(pid) : markOf(pid, 'SKIFF_CONTAINER');
    this.#containers = new Map(listeners.map(({ pid }) => [pid, containerOf(pid)]));
    const found = new Map<string, Set<string>>();
    for (const { pid, protocol, port } of listeners) {
      const container = this.#containers.get(pid);
      if (container === undefined) continue;
      found.set(container, (found.get(container) ?? new Set()).add(`${port}/${protocol}`));
    }
    this.#found = new Map([...found].sort().map(([container, ports]) => [container, [...ports].sort()]));
    if (JSON.stringify([...this.#found]) !== before) for (const callback of this.#watchers) callback();
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(PERIOD_MS, () => {
      this.look();
      if (this.#watchers.size > 0) this.#lookLater();
    });
  }
}
