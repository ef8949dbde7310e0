import { askSupervisor, orderNode } from '../supervisor/control.ts';
import type { NodeOrder } from '../supervisor/messages.ts';
import { type Options, UsageError } from './options.ts';

const done: Readonly<Record<NodeOrder['verb'], string>> = {
  add: 'is added and Ready',
  stop: 'is stopped; the cluster will find out when its lease runs out',
  start: 'is started and Ready',
};

/** `skiff node ls | add | stop NODE | start NODE`: what is done to machines, and not by way of the API. */
export async function node(options: Options): Promise<number> {
  const { folder, name, operands } = options;
  if (operands.join(' ') === 'ls') return list(options);
  const answer = await orderNode(folder.controlSocket, orderOf(operands));
  if (answer === undefined) throw new Error(`cluster "${name}" is not running`);
  if ('error' in answer) throw new Error(answer.error);
  const [verb] = operands;
  process.stdout.write(`node "${answer.node}" ${done[verb as NodeOrder['verb']]}\n`); // orderOf has checked it
  return 0;
}

function orderOf([verb, name, ...more]: readonly string[]): NodeOrder {
  if (verb === 'add' && name === undefined) return { verb };
  if ((verb === 'stop' || verb === 'start') && name !== undefined && more.length === 0) return { verb, name };
  throw new UsageError('it takes: ls, add, stop NODE or start NODE');
}

async function list({ folder, name }: Options): Promise<number> {
  const running = await askSupervisor(folder.controlSocket, 'status');
  if (!running) throw new Error(`cluster "${name}" is not running`);
  const rows = [
    ['NAME', 'STATE', 'ADDRESS', 'PODS'],
    ...running.nodes.map((one) => [one.name, one.state, one.address, one.podCIDR]),
  ];
  for (const row of rows)
    process.stdout.write(
      `${row
        .map((cell) => cell.padEnd(12))
        .join('')
        .trimEnd()}\n`,
    );
  return 0;
}
