import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { enterNetwork, withSystemPrograms } from '../network/entrance.ts';
import { askSupervisor } from '../supervisor/control.ts';
import type { ClusterStatus } from '../supervisor/messages.ts';
import { type Options, UsageError } from './options.ts';

/**
 * `skiff shell [NODE] [-- COMMAND]`: runs a command, or else the user's shell, with the host's files and a node's network. Without a node, in the
 * LAN that the nodes are on: what is there is outside of the cluster. Where that is this machine's own network, there is no other. Resolves with
 * the command's exit code.
 */
export async function shell({ folder, name, operands, command }: Options): Promise<number> {
  const [node, ...more] = operands;
  if (more.length > 0) throw new UsageError(`it takes one node, not "${operands.join(' ')}"; a command goes after --`);
  const running = await askSupervisor(folder.controlSocket, 'status');
  if (!running) throw new Error(`cluster "${name}" is not running`);
  const nodes = running.nodes.map((known) => known.name);
  if (node !== undefined && !nodes.includes(node))
    throw new Error(`there is no node "${node}"; there are ${nodes.join(', ')}`);
  const wanted = command.length > 0 ? command : [process.env['SHELL'] || '/bin/sh'];
  const [program = '', ...args] = enter(wanted, { running, node });
  const env = { ...process.env, PATH: withSystemPrograms(process.env['PATH'] ?? '') };
  const child = spawn(program, args, { stdio: 'inherit', env });
  // A terminal sends its signals to the command as well, whose affair they are.
  process.on('SIGINT', () => undefined);
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

function enter(
  command: readonly string[],
  { running, node }: { running: ClusterStatus; node: string | undefined },
): readonly string[] {
  const { name, network, entrance } = running;
  if (entrance) return enterNetwork(command, { entrance, node });
  if (network !== 'host') throw new Error(`cluster "${name}" has no network of its own`);
  if (node === undefined) return command;
  throw new Error(
    `node "${node}" has no network to enter: this cluster is on that of this machine, where your shell is`,
  );
}
