import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The host's links, addresses, routes, rules and settings as one text, for tests that compare it before and after. */
export async function hostState(): Promise<string> {
  const looks = ['link', 'address', 'route', 'rule'].map(async (what) => {
    const all = JSON.parse((await execute('ip', ['-j', what])).stdout || '[]') as Record<string, unknown>[];
    return [what, all.map(({ stats: _, ...rest }) => rest)];
  });
  const settings = [
    'ip_forward',
    'conf/all/rp_filter',
    'conf/default/rp_filter',
    'conf/all/forwarding',
    'ip_unprivileged_port_start',
    'ping_group_range',
  ];
  return JSON.stringify([
    await Promise.all(looks),
    settings.map((name) => [name, readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8')]),
    existsSync('/run/netns/node1'),
  ]);
}
