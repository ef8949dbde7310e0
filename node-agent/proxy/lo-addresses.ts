import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { run } from '../exec.ts';

/** Marks the addresses on `lo` that are Services'. */
const LABEL = 'lo:service';

/** The addresses of Services that a node has put on its `lo`, so that it can listen on them. */
export class LoAddresses {
  readonly #set = new Set<string>();
  /** The networks that this node is on. An address from there is a machine's own: to take it would cut that one off. */
  readonly #link = new BlockList();
  #clean = false;

  constructor() {
    for (const { cidr, family } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) {
      const [address = '', prefix = ''] = cidr?.split('/') ?? [];
      if (family === 'IPv4' && Number(prefix) < 32) this.#link.addSubnet(address, Number(prefix));
    }
  }

  mayHave(address: string): boolean {
    return !this.#link.check(address);
  }

  has(address: string): boolean {
    return this.#set.has(address);
  }

  /** From now on, of these all that it may have, and no others. */
  async replace(addresses: Iterable<string>): Promise<void> {
    const wanted = new Set([...addresses].filter((address) => this.mayHave(address)));
    if (!this.#clean) await run('ip', ['address', 'flush', 'dev', 'lo', 'label', LABEL]);
    this.#clean = true;
    const commands: string[] = [];
    for (const address of this.#set) if (!wanted.has(address)) commands.push(`address del ${address}/32 dev lo`);
    for (const address of wanted)
      if (!this.#set.has(address)) commands.push(`address replace ${address}/32 dev lo label ${LABEL}`);
    if (commands.length === 0) return;
    await run('ip', ['-force', '-batch', '-'], { input: `${commands.join('\n')}\n` });
    this.#set.clear();
    for (const address of wanted) this.#set.add(address);
  }
}
