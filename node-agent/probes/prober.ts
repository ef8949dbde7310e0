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
  /** Whether to go on after the first success: startup probes do not. */
  readonly once?: boolean;
  /** Whether to skip this turn, as until the startup probe has succeeded. */
  readonly isDue?: () => boolean;
}

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
    if (isDue?.() ?? true) this.#count(await run());
    if (this.#stopped) return;
    const next = began + (probe.periodSeconds ?? 10) * 1000;
    this.#cancel = clock.after(Math.max(0, next - clock.now()), () => void this.#turn());
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
