import type { Clock } from '../clock.ts';
import type { Probe } from '../pods/types.ts';
import type { ProbeOutcome } from './run-probe.ts';

export interface ProberOptions {
  readonly probe: Probe;
  readonly clock: Clock;
  /** When the container started, in milliseconds. */
  readonly startedAt: number;
  /** What counts until enough probes have been made: not ready, alive. */
  readonly initially: boolean;
  readonly run: () => Promise<ProbeOutcome>;
  /** Told of each failure. */
  readonly onFailure: (output: string) => void;
  /** Told when the result turns. */
  readonly onResult: (success: boolean) => void;
  /**
   * Whether to look more often during the first period, until the first success: a program that needs half a second to start is then
   * ready after that, and not after `periodSeconds`. What fails meanwhile counts for nothing.
   */
  readonly eager?: boolean;
  /** Whether to go on after the first success: startup probes do not. */
  readonly once?: boolean;
  /** Whether to skip this turn, as until the startup probe has succeeded. */
  readonly isDue?: () => boolean;
}

/** The pauses of an eager probe begin with this and double. */
const EAGER_MS = 50;

/**
 * One probe of one running container, again and again: after `initialDelaySeconds` every `periodSeconds`; its result turns after
 * `successThreshold` or `failureThreshold` equal outcomes in a row (Kubernetes: "Configure Liveness, Readiness and Startup Probes").
 */
export class Prober {
  readonly #options: ProberOptions;
  #result: boolean;
  #decided = false;
  #inRow = 0;
  #last: boolean | undefined;
  #stopped = false;
  #eagerMs = EAGER_MS;
  #cancel: () => void;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#result = options.initially;
    const { probe, clock, startedAt } = options;
    const due = startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
    this.#cancel = clock.after(Math.max(0, due - clock.now()), () => void this.#turn());
  }

  get result(): boolean {
    return this.#result;
  }

  /** Probes now: a readiness probe need not wait for its turn when the container has just started up. */
  trigger(): void {
    const { probe, clock, startedAt } = this.#options;
    if (this.#stopped || clock.now() < startedAt + (probe.initialDelaySeconds ?? 0) * 1000) return;
    this.#cancel();
    void this.#turn();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  async #turn(): Promise<void> {
    const { probe, clock, isDue, run } = this.#options;
    const began = clock.now();
    const eager = this.#isEager(began);
    if (isDue?.() ?? true) {
      const outcome = await run();
      if (outcome.success || !eager) this.#count(outcome);
    }
    if (this.#stopped) return;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    const next = began + (eager && this.#last === undefined ? Math.min(this.#eagerMs, periodMs) : periodMs);
    this.#eagerMs *= 2;
    this.#cancel = clock.after(Math.max(0, next - clock.now()), () => void this.#turn());
  }

  #isEager(now: number): boolean {
    const { probe, startedAt, eager } = this.#options;
    const firstPeriodMs = ((probe.initialDelaySeconds ?? 0) + (probe.periodSeconds ?? 10)) * 1000;
    return eager === true && this.#last === undefined && now < startedAt + firstPeriodMs;
  }

  #count({ success, output }: ProbeOutcome): void {
    const { probe, onFailure, onResult, once } = this.#options;
    if (this.#stopped) return;
    if (!success) onFailure(output);
    this.#inRow = this.#last === success ? this.#inRow + 1 : 1;
    this.#last = success;
    const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (this.#inRow < threshold) return;
    const turned = !this.#decided || this.#result !== success;
    this.#decided = true;
    this.#result = success;
    if (success && once === true) this.stop();
    if (turned) onResult(success);
  }
}
