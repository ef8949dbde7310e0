import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInRange, parseIpv4Range } from '@skiff/api/ip';

/** A port of an address of loopback, as the cluster knows it. */
export interface Place {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly port: number;
}

/** Where it really is. */
export interface RealPlace {
  readonly address: string;
  readonly port: number;
}

/**
 * Whether this machine has 127.0.0.1 alone, as macOS does, where Linux answers on all of 127.0.0.0/8. SKIFF_ONE_LOOPBACK=1 has Linux
 * behave so too; children inherit it.
 */
export function hasOneLoopbackAddress(): boolean {
  return process.platform === 'darwin' || process.env['SKIFF_ONE_LOOPBACK'] === '1';
}

/**
 * Where the cluster uses the host's network, some ports can't be listened on as they are: low ones for ordinary users, and all where the
 * machine has one loopback address. They are opened elsewhere, and this folder says where: a file `TCP-127.100.1.2-53` that holds
 * `127.0.0.1:41234`. Whoever listens writes it, whoever dials reads it, each from a process of its own: preload/directory.cjs does
 * both for the programs in Pods.
 */
export class PortDirectory {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Undefined where nothing is said about it: then it is where it says it is, or nobody listens. */
  find(place: Place): RealPlace | undefined {
    try {
      const [address = '', port] = readFileSync(this.#file(place), 'utf8').trim().split(':');
      return { address, port: Number(port) };
    } catch {
      return undefined;
    }
  }

  /** From now on, whoever dials the place is to dial the real one. Replaces what was said before. */
  announce(place: Place, { address, port }: RealPlace): void {
    mkdirSync(this.folder, { recursive: true });
    const file = this.#file(place);
    writeFileSync(`${file}.${process.pid}`, `${address}:${port}\n`);
    renameSync(`${file}.${process.pid}`, file);
  }

  /** Succeeds where nothing is said about it. */
  withdraw(place: Place): void {
    rmSync(this.#file(place), { force: true });
  }

  /** The same for all ports of an address, or of a range as `127.100.1.0/24`. */
  withdrawAll(addresses: string): void {
    const range = parseIpv4Range(addresses.includes('/') ? addresses : `${addresses}/32`);
    let names: string[] = [];
    try {
      names = readdirSync(this.folder);
    } catch {}
    for (const name of names) {
      const [, address = ''] = name.split('-');
      if (range && isInRange(address, range)) rmSync(join(this.folder, name), { force: true });
    }
  }

  #file({ protocol, address, port }: Place): string {
    return join(this.folder, `${protocol}-${address}-${port}`);
  }
}
