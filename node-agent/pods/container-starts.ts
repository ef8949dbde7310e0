import type { ContainerHistory } from './container-history.ts';
import { aboutContainer } from './container-reference.ts';
import { ContainerRestarts } from './container-restarts.ts';
import { ContainerNotStarted, type StartRequest, startContainer } from './container-starter.ts';
import type { Waiting } from './container-statuses.ts';
import { logPath, removeLogs } from './log-path.ts';
import type { NodeServices } from './node-services.ts';
import type { Container, NodePod } from './types.ts';

/** How soon a container is tried again whose configuration or sandbox was not right. */
const RETRY_MS = 3000;
/** How soon a failure to start turns into a back-off. */
const SETTLE_MS = 1000;

/** The starts of one Pod's containers: each after its back-off, as the next attempt; and why those wait that are not started. */
export class ContainerStarts {
  readonly waiting = new Map<string, Waiting>();
  readonly #node: NodeServices;
  readonly #restarts: ContainerRestarts;
  /** Until when it is left at why a container could not be started, so that people can see it. */
  readonly #settled = new Map<string, number>();

  constructor(node: NodeServices) {
    this.#node = node;
    this.#restarts = new ContainerRestarts(node.clock);
  }

  /**
   * Starts a container that does not run, unless it is too early for that or it can't be done: then answers with when to be asked again. `seen`
   * is what the runtime knows of it, `before` what else is known of its earlier lives.
   */
  async start(
    request: Omit<StartRequest, 'attempt'>,
    { seen, before }: { seen: ContainerHistory | undefined; before: ContainerHistory | undefined },
  ): Promise<number | undefined> {
    const { pod, container } = request;
    const { clock, events } = this.#node;
    const { name } = container;
    const settlingMs = (this.#settled.get(name) ?? 0) - clock.now();
    if (settlingMs > 0) return settlingMs;
    const latest = seen?.latest;
    const delay = this.#restarts.delay(pod, container, latest);
    if (delay !== undefined) {
      if (this.waiting.get(name)?.reason !== delay.waiting.reason)
        for (const { type, reason, message } of delay.events)
          events.event(aboutContainer(pod, container), type, reason, message);
      this.waiting.set(name, delay.waiting);
      return delay.ms;
    }
    const attempt = latest?.state === 'created' ? latest.attempt : nextAttempt(pod, name, seen ?? before);
    try {
      await this.#removeOld(pod, container, { attempt, seen });
      await startContainer(this.#node, { ...request, attempt });
      this.waiting.delete(name);
      return undefined;
    } catch (error) {
      if (!(error instanceof ContainerNotStarted)) throw error;
      return this.#failed(container, error);
    }
  }

  #failed(container: Container, error: ContainerNotStarted): number {
    const waiting = { reason: error.reason, message: error.message };
    this.waiting.set(container.name, waiting);
    const isImage = /Image/.test(error.reason);
    if (isImage) this.#restarts.imageFailed(container, waiting);
    const afterMs = isImage || error.reason === 'RunContainerError' ? SETTLE_MS : RETRY_MS;
    this.#settled.set(container.name, this.#node.clock.now() + afterMs);
    return afterMs;
  }

  /** Keeps one earlier life of a container, with its log. */
  async #removeOld(
    pod: NodePod,
    { name }: Container,
    { attempt, seen }: { attempt: number; seen: ContainerHistory | undefined },
  ): Promise<void> {
    const previous = seen?.previous;
    if (previous === undefined || previous.attempt >= attempt - 1) return;
    await this.#node.runtime.removeContainer(previous.id);
    removeLogs(logPath(this.#node.config, pod, { container: name, attempt: previous.attempt }));
  }
}

function nextAttempt({ status }: NodePod, name: string, lives: ContainerHistory | undefined): number {
  const before = status?.initContainerStatuses?.find((one) => one.name === name && one.containerID);
  const last = lives?.latest.attempt ?? before?.restartCount;
  return last === undefined ? 0 : last + 1;
}
