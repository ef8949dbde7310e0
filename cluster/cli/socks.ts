import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { enterNetwork } from '../network/entrance.ts';
import { bindSocket, boundPort, sendable } from '../network/socket-handle.ts';
import { askSupervisor } from '../supervisor/control.ts';
import { nodeFlags, programs } from '../supervisor/programs.ts';
import type { Options } from './options.ts';

/**
 * `skiff socks`: a SOCKS5 proxy on 127.0.0.1 whose connections begin on a node, so that cluster IPs, Pods and the cluster's names can be
 * reached from the host's programs. Runs until it is interrupted.
 */
export async function socks({ folder, name, port }: Options): Promise<number> {
  const running = await askSupervisor(folder.controlSocket, 'status');
  const node = running?.nodes.find(({ state }) => state === 'running');
  if (!running) throw new Error(`cluster "${name}" is not running`);
  if (!node) throw new Error(`cluster "${name}" has no node that runs`);
  const handle = bindSocket({ protocol: 'TCP', address: '127.0.0.1', port });
  const { entrance, clusterDNS = '', portsDir = '' } = running;
  const program = [process.execPath, ...nodeFlags, programs.socks, clusterDNS, 'cluster.local', portsDir];
  const [command = '', ...args] = entrance ? enterNetwork(program, { entrance, node: node.name }) : program;
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill());
  child.send('listen', sendable(handle));
  await Promise.race([once(child, 'message'), ended]);
  const address = `127.0.0.1:${boundPort(handle)}`;
  if (child.exitCode === null) {
    process.stdout.write(`SOCKS5 on ${address}${entrance ? `, by way of ${node.name}` : ''}\n`);
    process.stdout.write(`  curl -x socks5h://${address} http://my-service.default.svc.cluster.local\n`);
  }
  handle.close();
  await ended;
  return 0;
}
