import { writeFileSync } from 'node:fs';
import type { Undo } from './simulated-pods.ts';
import type { TestCluster } from './test-cluster.ts';

/** A call by name, as a test in another language writes it: a JSON text a line. */
export interface RemoteCall {
  /** Comes back with the answer. */
  readonly id?: unknown;
  /** `pods.fail`, `faults.dropWatches`, ... */
  readonly call: string;
  /** The arguments, as the method of that name takes them. */
  readonly with?: readonly unknown[];
}

// biome-ignore lint/suspicious/noExplicitAny: arguments are JSON of whoever calls; the methods check nothing that a test would not notice
type Method = (...args: any[]) => unknown;

/** What a test in another language can do with its cluster. What can be taken back answers with a number for `undo`. */
export class RemoteControl {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #undos: Undo[] = [];

  constructor(cluster: TestCluster) {
    const { pods, faults, requests, nodes } = cluster;
    const nodeOf = (name: string) => {
      const node = nodes.get(name);
      if (!node) throw new Error(`there is no node "${name}"`);
      return node;
    };
    this.#methods = new Map<string, Method>([
      ['pods.keepPending', (...args: Parameters<typeof pods.keepPending>) => pods.keepPending(...args)],
      ['pods.keepUnready', (...args: Parameters<typeof pods.keepUnready>) => pods.keepUnready(...args)],
      ['pods.fail', (...args: Parameters<typeof pods.fail>) => pods.fail(...args)],
      ['pods.refuseStart', (...args: Parameters<typeof pods.refuseStart>) => pods.refuseStart(...args)],
      ['pods.print', (...args: Parameters<typeof pods.print>) => pods.print(...args)],
      ['pods.exit', (...args: Parameters<typeof pods.exit>) => pods.exit(...args)],
      ['faults.fail', (...args: Parameters<typeof faults.fail>) => faults.fail(...args)],
      [
        'faults.tooManyRequests',
        (...args: Parameters<typeof faults.tooManyRequests>) => faults.tooManyRequests(...args),
      ],
      ['faults.conflict', (...args: Parameters<typeof faults.conflict>) => faults.conflict(...args)],
      ['faults.expire', (...args: Parameters<typeof faults.expire>) => faults.expire(...args)],
      ['faults.slow', (...args: Parameters<typeof faults.slow>) => faults.slow(...args)],
      ['faults.hold', (...args: Parameters<typeof faults.hold>) => faults.hold(...args)],
      ['faults.stallWatches', (...args: Parameters<typeof faults.stallWatches>) => faults.stallWatches(...args)],
      ['faults.pauseController', (name: string) => faults.pauseController(name)],
      ['faults.dropWatches', (...args: Parameters<typeof faults.dropWatches>) => faults.dropWatches(...args)],
      ['faults.expireWatches', (...args: Parameters<typeof faults.expireWatches>) => faults.expireWatches(...args)],
      ['faults.clear', () => faults.clear()],
      ['requests.all', () => requests.all],
      ['requests.of', (...args: Parameters<typeof requests.of>) => requests.of(...args)],
      ['requests.clear', () => requests.clear()],
      ['nodes.stop', (name: string) => nodeOf(name).stop()],
      ['nodes.start', (name: string) => nodeOf(name).start()],
      ['snapshot', async (path: string) => writeFileSync(path, await cluster.snapshot(), { mode: 0o600 })],
      ['undo', (number: number) => this.#undos[number]?.()],
    ]);
  }

  /** Answers a line with a line; never rejects. */
  async answer(line: string): Promise<string> {
    let id: unknown;
    try {
      const { call, with: args = [], ...rest } = JSON.parse(line) as RemoteCall; // checked by what is done with it
      id = rest.id;
      const method = this.#methods.get(call);
      if (!method) throw new Error(`there is no call "${call}"; there are ${[...this.#methods.keys()].join(', ')}`);
      const result = await method(...args);
      if (typeof result !== 'function') return JSON.stringify({ id, result: result ?? null });
      // What can be taken back is a function.
      return JSON.stringify({ id, result: { undo: this.#undos.push(result as Undo) - 1 } });
    } catch (error) {
      return JSON.stringify({ id, error: error instanceof Error ? error.message : String(error) });
    }
  }
}
