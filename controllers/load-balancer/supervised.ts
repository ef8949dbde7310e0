import type { LoadBalancerProvider, LoadBalancerRequest, OpenedPort } from './provider.ts';

interface Answer {
  readonly type: 'load-balancer';
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Asks the process that started this one, which owns the host's ports, over the IPC channel between them. */
export class SupervisedLoadBalancer implements LoadBalancerProvider {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;

  constructor() {
    process.on('message', (message: Answer) => {
      if (message?.type !== 'load-balancer') return;
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result);
      else waiting?.reject(new Error(message.error));
    });
  }

  async reserve(request: LoadBalancerRequest): Promise<{ address: string; ports: OpenedPort[] }> {
    const result = await this.#ask({ reserve: request });
    return result as { address: string; ports: OpenedPort[] }; // what the other end's provider resolved with
  }

  async release(service: string): Promise<void> {
    await this.#ask({ release: service });
  }

  #ask(question: object): Promise<unknown> {
    const id = ++this.#last;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    process.send?.({ type: 'load-balancer', id, ...question });
    return waiting.promise;
  }
}
