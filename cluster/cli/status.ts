import { askSupervisor } from '../supervisor/control.ts';
import type { Options } from './options.ts';

/** `skiff status`: what runs, since when, and which ports of the host are open. Exit code 1 where nothing runs. */
export async function status({ folder, name }: Options): Promise<number> {
  const running = await askSupervisor(folder.controlSocket, 'status');
  if (!running) {
    process.stdout.write(`cluster "${name}" is not running\n`);
    return 1;
  }
  const lines = [
    `cluster "${running.name}" is up since ${running.since}`,
    `API server   ${running.url}, ${folder.apiSocket}`,
    ...(running.network === 'host' ? ['network      that of this machine'] : []),
    ...running.parts.map((part) => `${part.name.padEnd(12)} pid ${part.pid ?? '-'}, restarts ${part.restarts}`),
    ...running.hostPorts.map(({ address, hostPort }) => `host port    ${address}:${hostPort}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
