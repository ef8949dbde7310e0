import { setTimeout as delay } from 'node:timers/promises';
import type { ObjectKey } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import type { Lease } from '@skiff/api/types';
import type { Client } from './client.ts';

export interface LeaderElectionOptions {
  readonly client: Client;
  /** The Lease that whoever leads holds. */
  readonly lease: ObjectKey;
  /** Who stands for election; no two may have the same. */
  readonly identity: string;
  /** How long nobody else takes a lease that is not renewed. Default 15 s. */
  readonly leaseMs?: number;
  /** How long a leader that can't renew goes on; shorter than `leaseMs`. Default 10 s. */
  readonly renewMs?: number;
  /** Between tries. Default 2 s. */
  readonly retryMs?: number;
  /** Told whenever another leads. */
  readonly onNewLeader?: (identity: string) => void;
}

/**
 * Lets one of several do something (client-go's leaderelection, on a Lease). Times of others are never compared with the own clock: a
 * lease counts as held for `leaseMs` from when this process last saw it change, so clocks may differ.
 */
export class LeaderElection {
  readonly #options: Required<Omit<LeaderElectionOptions, 'onNewLeader'>> & Pick<LeaderElectionOptions, 'onNewLeader'>;
  #seen: { version: string; at: number } | undefined;
  #leader = '';
  #renewedAt = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2000, ...options };
    const { leaseMs, renewMs, retryMs } = this.#options;
    if (renewMs >= leaseMs)
      throw new Error(`renewMs ${renewMs} must be less than leaseMs ${leaseMs}: two would lead at once`);
    if (retryMs >= renewMs) throw new Error(`retryMs ${retryMs} must be less than renewMs ${renewMs}`);
  }

  /** Who leads, as far as is known; empty at first. */
  get leader(): string {
    return this.#leader;
  }

  /**
   * Waits to lead, and then does the work, whose signal aborts when the lead is lost. Resolves when the work has ended or the signal
   * has aborted; the lease is then given back, so that others need not wait. Rejects with what the work throws, and when the lead was
   * lost before it was done.
   */
  async lead(work: (signal: AbortSignal) => Promise<void>, { signal }: { signal: AbortSignal }): Promise<void> {
    while (!(await this.#try())) {
      if (!(await this.#pause(signal))) return;
    }
    const lost = new AbortController();
    const done = new AbortController();
    const renewing = this.#renew(AbortSignal.any([signal, done.signal]), lost);
    try {
      await work(AbortSignal.any([signal, lost.signal]));
      if (lost.signal.aborted && !signal.aborted) throw new Error(`${this.#options.identity} has lost the lead`);
    } finally {
      done.abort();
      await renewing;
      if (!lost.signal.aborted) await this.#release();
    }
  }

  async #renew(signal: AbortSignal, lost: AbortController): Promise<void> {
    while (await this.#pause(signal)) {
      const deadline = this.#renewedAt + this.#options.renewMs - performance.now();
      const held = await within(deadline, this.#try());
      if (held) continue;
      // Another has it, or for too long nobody could be asked.
      if (this.#leader !== this.#options.identity || performance.now() >= this.#renewedAt + this.#options.renewMs) {
        lost.abort();
        return;
      }
    }
  }

  /** Takes or renews the lease. False where another holds it, or where the server can't be asked. */
  async #try(): Promise<boolean> {
    const began = performance.now();
    try {
      const { client, lease, identity } = this.#options;
      const leases = client.resource('Lease');
      const current = await leases.get(lease).catch((error: unknown) => {
        if (isNotFound(error)) return undefined;
        throw error;
      });
      if (!current) {
        const { name, namespace } = lease;
        const created = await leases.create({
          metadata: { name, ...(namespace && { namespace }) },
          spec: this.#spec(),
        });
        return this.#held(created, began);
      }
      this.#observe(current);
      const holder = current.spec?.holderIdentity ?? '';
      if (holder !== identity && holder !== '' && !this.#isExpired(current)) return false;
      const written = await leases.update({ ...current, spec: this.#spec(current) });
      return this.#held(written, began);
    } catch {
      // A conflict: another was quicker. Anything else: the next try may succeed.
      return false;
    }
  }

  #held(lease: Lease, since: number): true {
    this.#observe(lease);
    this.#renewedAt = since;
    return true;
  }

  #observe({ metadata, spec }: Lease): void {
    const version = metadata.resourceVersion ?? '';
    if (this.#seen?.version !== version) this.#seen = { version, at: performance.now() };
    const holder = spec?.holderIdentity ?? '';
    if (holder === this.#leader) return;
    this.#leader = holder;
    if (holder !== '') this.#options.onNewLeader?.(holder);
  }

  #isExpired({ spec }: Lease): boolean {
    const held = (spec?.leaseDurationSeconds ?? 0) * 1000 || this.#options.leaseMs;
    return performance.now() >= (this.#seen?.at ?? 0) + held;
  }

  #spec(current?: Lease): NonNullable<Lease['spec']> {
    const { identity, leaseMs } = this.#options;
    const now = new Date().toISOString().replace('Z', '000Z');
    const isMine = current?.spec?.holderIdentity === identity;
    const { acquireTime, leaseTransitions = 0 } = current?.spec ?? {};
    return {
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1000)),
      acquireTime: isMine && acquireTime ? acquireTime : now,
      renewTime: now,
      leaseTransitions: current && !isMine ? leaseTransitions + 1 : leaseTransitions,
    };
  }

  async #release(): Promise<void> {
    const { client, lease, identity } = this.#options;
    try {
      const leases = client.resource('Lease');
      const current = await leases.get(lease);
      if (current.spec?.holderIdentity !== identity) return;
      await leases.update({
        ...current,
        spec: { ...this.#spec(current), holderIdentity: '', leaseDurationSeconds: 1 },
      });
      this.#leader = '';
    } catch {
      // It runs out by itself.
    }
  }

  /** Waits for the next try, not in step with others. False where the signal aborted. */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const ms = this.#options.retryMs * (1 + Math.random() / 5);
    return delay(ms, true, { signal }).catch(() => false);
  }
}

function within(ms: number, result: Promise<boolean>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), Math.max(0, ms));
  return Promise.race([result, promise]).finally(() => clearTimeout(timer));
}
