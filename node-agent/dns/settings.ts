import { isIP } from 'node:net';
import { CorefileError, type Directive, parseCorefile } from './corefile.ts';
import type { Upstream } from './forwarder.ts';

/** What a Corefile says about this server. */
export interface DnsSettings {
  readonly domain: string;
  /** Whether names as `10-244-1-5.default.pod` are answered (`pods insecure`). */
  readonly podNames: boolean;
  /** Seconds that clients may keep an answer. */
  readonly ttl: number;
  /** Whether each query is written to standard output. */
  readonly log: boolean;
  /** How long it goes on answering when it is asked to end. */
  readonly lameduckMs: number;
  /** Resolvers for other names; a path is a resolv.conf. Empty: nobody is asked. */
  readonly forward: readonly (Upstream | string)[];
}

/** CoreDNS' own: its kubernetes plugin's ttl is 5. */
export const defaultSettings: DnsSettings = {
  domain: 'cluster.local',
  podNames: true,
  ttl: 5,
  log: false,
  lameduckMs: 1000,
  forward: ['/etc/resolv.conf'],
};

/** Plugins of CoreDNS that change nothing here: what they do is always done, or there is nothing for them to do. */
const withoutEffect = new Set(['errors', 'ready', 'cache', 'loop', 'reload', 'loadbalance', 'prometheus', 'bufsize']);

/** Reads the settings from a Corefile's server block for `.`. Throws {@link CorefileError} for what CoreDNS would not start with. */
export function settingsOf(corefile: string): DnsSettings {
  const servers = parseCorefile(corefile);
  const server = servers.find(({ name, args }) => [name, ...args].some((key) => /^(dns:\/\/)?\.(:53)?,?$/.test(key)));
  if (server === undefined)
    throw new CorefileError("Corefile:1 - Error during parsing: there is no server block '.:53'");
  return server.block.reduce(read, { ...defaultSettings, forward: [] });
}

function read(settings: DnsSettings, plugin: Directive): DnsSettings {
  const { name, args, block, line } = plugin;
  const option = (wanted: string): string | undefined => block.find((one) => one.name === wanted)?.args[0];
  if (name === 'log') return { ...settings, log: true };
  if (name === 'health') return { ...settings, lameduckMs: duration(option('lameduck') ?? '0s', line) };
  if (name === 'kubernetes') {
    const domain = args.find((zone) => !zone.endsWith('.arpa')) ?? settings.domain;
    const ttl = Number(option('ttl') ?? settings.ttl);
    if (!(ttl >= 0 && ttl <= 3600))
      throw new CorefileError(`Corefile:${line} - Error during parsing: ttl must be in range [0, 3600]: ${ttl}`);
    return {
      ...settings,
      domain: domain.replace(/\.$/, ''),
      ttl,
      podNames: (option('pods') ?? 'disabled') !== 'disabled',
    };
  }
  if (name === 'forward') {
    const [from, ...to] = args;
    if (from !== '.' || to.length === 0)
      throw new CorefileError(`Corefile:${line} - Error during parsing: forward takes '.' and where to`);
    return { ...settings, forward: to.map((one) => upstream(one, line)) };
  }
  if (withoutEffect.has(name)) return settings;
  throw new CorefileError(`Corefile:${line} - Error during parsing: Unknown directive '${name}'`);
}

function upstream(to: string, line: number): Upstream | string {
  if (to.startsWith('/')) return to;
  const [, address = '', port = '53'] = /^(?:dns:\/\/)?([\d.]+)(?::(\d+))?$/.exec(to) ?? [];
  if (isIP(address) === 4) return { address, port: Number(port) };
  throw new CorefileError(`Corefile:${line} - Error during parsing: not an IP address or file: "${to}"`);
}

function duration(text: string, line: number): number {
  const [, amount, unit] = /^(\d+)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw new CorefileError(`Corefile:${line} - Error during parsing: invalid duration "${text}"`);
  return Number(amount) * (unit === 'ms' ? 1 : unit === 'm' ? 60_000 : 1000);
}
