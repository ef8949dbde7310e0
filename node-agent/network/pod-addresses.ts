import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is kept of one Pod's network. */
export interface Allocation {
  readonly ip: string;
  /** Whether its namespace was made completely. */
  readonly ready: boolean;
}

interface State {
  /** The position in the range that was given out last. */
  last: number;
  allocations: Record<string, Allocation>;
}

/** The node's range of Pod addresses is used up. */
export class NoFreeAddress extends Error {
  override readonly name = 'NoFreeAddress';
}

/**
 * Gives out the addresses of a node's Pod range, in turn, so that an address rests as long as possible before another Pod gets it. Kept in
 * a file that is replaced in one step; without fsync, because the namespaces do not survive a crash of the machine either.
 */
export class PodAddresses {
  readonly #file: string;
  readonly #base: number;
  readonly #size: number;
  readonly #state: State;

  constructor(options: { podCIDR: string; stateDir: string }) {
    const [address = '', prefix = ''] = options.podCIDR.split('/');
    this.#base = toNumber(address);
    this.#size = 2 ** (32 - Number(prefix));
    mkdirSync(options.stateDir, { recursive: true });
    this.#file = join(options.stateDir, 'pod-addresses.json');
    this.#state = this.#read();
  }

  get(sandboxId: string): Allocation | undefined {
    return this.#state.allocations[sandboxId];
  }

  entries(): [sandboxId: string, allocation: Allocation][] {
    return Object.entries(this.#state.allocations);
  }

  /** Answers with the sandbox's address, a new one where it has none. Throws {@link NoFreeAddress}. */
  allocate(sandboxId: string): string {
    const existing = this.get(sandboxId);
    if (existing !== undefined) return existing.ip;
    const used = new Set(Object.values(this.#state.allocations).map(({ ip }) => ip));
    // The first address is the gateway's; the range's own and the broadcast address are nobody's.
    const first = 2;
    const count = this.#size - first - 1;
    for (let step = 1; step <= count; step += 1) {
      const position = first + ((Math.max(this.#state.last, first - 1) - first + step) % count);
      const ip = toAddress(this.#base + position);
      if (used.has(ip)) continue;
      this.#state.last = position;
      this.#set(sandboxId, { ip, ready: false });
      return ip;
    }
    throw new NoFreeAddress(`all ${count} Pod addresses of ${toAddress(this.#base)} are in use`);
  }

  markReady(sandboxId: string): void {
    const allocation = this.get(sandboxId);
    if (allocation !== undefined) this.#set(sandboxId, { ...allocation, ready: true });
  }

  release(sandboxId: string): void {
    if (this.get(sandboxId) === undefined) return;
    delete this.#state.allocations[sandboxId];
    this.#write();
  }

  #set(sandboxId: string, allocation: Allocation): void {
    this.#state.allocations[sandboxId] = allocation;
    this.#write();
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#state));
    renameSync(`${this.#file}.new`, this.#file);
  }

  #read(): State {
    try {
      // Written by #write(), and replaced only as a whole.
      return JSON.parse(readFileSync(this.#file, 'utf8')) as State;
    } catch {
      return { last: 1, allocations: {} };
    }
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
