import type { Node } from '@skiff/api/types';
import type { ConnectionTrial } from '../../../try-connection.ts';
import type { Link } from '../link.ts';
import { gravest, unknown, type Verdict } from '../verdict.ts';
import {
  count,
  isExternalName,
  isHeadless,
  isNodeReady,
  manners,
  messageOf,
  type Port,
  portsOf,
  servingPods,
  untried,
  type World,
} from '../world.ts';
import { answersText, judgeTrials } from './answers.ts';

/** So many nodes are asked to connect, each so often that every Pod should have its turn. */
const mostNodes = 3;
const mostTrials = 8;

interface Tried {
  readonly verdict: Verdict;
  readonly trials: readonly ConnectionTrial[];
}

/** Does a real connection to the cluster IP get an answer, and from whom? */
export const clusterIpLink: Link = {
  name: 'cluster IP',
  needs: ['service', 'endpoint slices'],
  applies: (world) => !isHeadless(world) && !isExternalName(world),
  async check(world) {
    const nodes = world.nodes.filter(isNodeReady).slice(0, mostNodes);
    if (nodes.length === 0) return unknown('no Ready node could be asked to connect');
    const tried = await Promise.all(portsOf(world).flatMap((port) => nodes.map((node) => fromNode(world, node, port))));
    const trials = tried.flatMap((one) => one.trials);
    return gravest(
      tried.map(({ verdict }) => verdict),
      () =>
        `${world.service?.spec?.clusterIP} from ${count(nodes.length, 'node')} answers: ${answersText(world, trials)}`,
    );
  },
};

async function fromNode(world: World, node: Node, port: Port): Promise<Tried> {
  const host = world.service?.spec?.clusterIP ?? '';
  const where = `${host}:${port.port} from node ${node.metadata.name}`;
  const alone = (verdict: Verdict): Tried => ({ verdict, trials: [] });
  const asking = manners(port);
  if (!asking) return alone(unknown(untried(port)));
  const times = Math.min(mostTrials, Math.max(2, servingPods(world).length * 2));
  const to = { host, port: port.port, ...asking };
  try {
    const trials = await Promise.all(Array.from({ length: times }, () => world.ask.connectFrom(node, to)));
    const mend = ['skiff status', `kubectl describe node ${node.metadata.name}`];
    return { verdict: judgeTrials(world, trials, { where, mend }), trials };
  } catch (error) {
    return alone(unknown(`${where}: the node could not be asked: ${messageOf(error)}`));
  }
}
