import type { Clock } from '../clock.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import { BackOff, formatDuration } from './back-off.ts';
import type { Waiting } from './container-statuses.ts';
import { type Container, describePod, type NodePod } from './types.ts';

export interface Delay {
  readonly ms: number;
  readonly waiting: Waiting;
  /** To be told in Events when the wait begins. */
  readonly events: readonly {
    readonly type: 'Normal' | 'Warning';
    readonly reason: string;
    readonly message: string;
  }[];
}

/** When the containers of one Pod may be started: back-off after they ended and after their image could not be had. */
export class ContainerRestarts {
  readonly #clock: Clock;
  readonly #crashes: BackOff;
  readonly #images: BackOff;
  readonly #imageFailures = new Map<string, { at: number; error: Waiting }>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#crashes = new BackOff(clock);
    this.#images = new BackOff(clock);
  }

  /** Why a container can't be started yet; undefined where it can, which then counts as a try. */
  delay(pod: NodePod, container: Container, latest: RuntimeStatus | undefined): Delay | undefined {
    return this.#crashDelay(pod, container, latest) ?? this.#imageDelay(container);
  }

  imageFailed(container: Container, error: Waiting): void {
    const at = this.#clock.now();
    this.#imageFailures.set(container.name, { at, error });
    this.#images.next(container.name, at);
  }

  #crashDelay(pod: NodePod, { name }: Container, latest: RuntimeStatus | undefined): Delay | undefined {
    if (latest?.state !== 'exited') return undefined;
    const endedAt = Date.parse(latest.finishedAt ?? latest.createdAt);
    const ms = this.#crashes.remaining(name, endedAt);
    if (ms === 0) {
      this.#crashes.next(name, endedAt);
      return undefined;
    }
    const period = formatDuration(this.#crashes.period(name));
    const message = `back-off ${period} restarting failed container=${name} pod=${describePod(pod)}`;
    const told = `Back-off restarting failed container ${name} in pod ${describePod(pod)}`;
    const events = [{ type: 'Warning', reason: 'BackOff', message: told }] as const;
    return { ms, waiting: { reason: 'CrashLoopBackOff', message }, events };
  }

  #imageDelay({ name, image }: Container): Delay | undefined {
    const failure = this.#imageFailures.get(name);
    if (failure === undefined) return undefined;
    const ms = this.#images.remaining(name, failure.at);
    if (ms === 0) {
      this.#imageFailures.delete(name);
      return undefined;
    }
    const { reason, message } = failure.error;
    // Waiting won't help these.
    if (reason !== 'ErrImagePull') return { ms, waiting: failure.error, events: [] };
    const text = `Back-off pulling image "${image}"`;
    const events = [
      { type: 'Normal', reason: 'BackOff', message: text },
      { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
    ] as const;
    return { ms, waiting: { reason: 'ImagePullBackOff', message: `${text}: ${reason}: ${message}` }, events };
  }
}
