import type { Node } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { gravest, ok, unknown, type Verdict } from '../verdict.ts';
import { isNodeReady, manners, messageOf, type Port, portsOf, servingPods, untried, type World } from '../world.ts';
import { judgeTrials } from './answers.ts';

const trialsEach = 2;

/** Do the node ports answer: on the nodes' own addresses, and on this machine where the cluster is here? */
export const nodePortLink: Link = {
  name: 'node port',
  needs: ['service', 'endpoint slices'],
  applies: (world) => portsOf(world).some(({ nodePort }) => nodePort),
  async check(world) {
    const ports = portsOf(world).filter(({ nodePort }) => nodePort);
    const here = world.isHere ? await Promise.all(ports.map((port) => fromHere(world, port))) : [];
    const nodes = await Promise.all(
      ports.flatMap((port) => world.nodes.filter(isNodeReady).map((node) => onNode(world, node, port))),
    );
    const all = [...here, ...nodes];
    if (all.length === 0) return unknown('there is no Ready node to ask');
    return gravest(all, () => all[0]?.says ?? '');
  },
};

async function fromHere(world: World, port: Port): Promise<Verdict> {
  const asking = manners(port);
  if (!asking) return unknown(untried(port));
  const to = { host: '127.0.0.1', port: port.nodePort ?? 0, ...asking };
  const trials = await Promise.all(Array.from({ length: trialsEach }, () => world.ask.connectFromHere(to)));
  const where = `${to.host}:${to.port}`;
  const mend = [
    'skiff status    # lists the host ports that are open',
    `ss -ltnp 'sport = :${to.port}'    # who has the port`,
  ];
  // Who keeps the host's ports says where it could not open one.
  const said = world.events
    .filter(({ reason, involvedObject }) => reason === 'HostPortNotOpened' && involvedObject.name === world.name)
    .map(({ message = '' }) => message)
    .filter((message) => message.includes(String(to.port)));
  const verdict = judgeTrials(world, trials, { where, mend, evidence: said.slice(-1) });
  const names = servingPods(world).map(({ metadata }) => metadata.name);
  const isForeign = said.length > 0 && !trials.some(({ answer = '' }) => names.some((name) => answer.includes(name)));
  if (verdict.state !== 'ok' || !isForeign) return verdict;
  return unknown(`${where} answers, but it may be another program: none of the Pods is named in the answer`, {
    evidence: said.slice(-1),
    mend,
  });
}

/** A node is asked for its own port; with a local policy it may drop what it has no Pod for, and should. */
async function onNode(world: World, node: Node, port: Port): Promise<Verdict> {
  const host = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const where = `${host}:${port.nodePort}`;
  if (!host) return unknown(`node ${node.metadata.name} has no address`);
  const asking = manners(port);
  if (!asking) return unknown(untried(port));
  const local = world.service?.spec?.externalTrafficPolicy === 'Local';
  if (local && !hasEndpoint(world, node)) return ok(`${where} is closed, as externalTrafficPolicy: Local asks for`);
  // Another node comes from outside of this one; the only node must ask itself.
  const asker = world.nodes.find((one) => one !== node && isNodeReady(one)) ?? node;
  try {
    const trials = await Promise.all(
      Array.from({ length: trialsEach }, () =>
        world.ask.connectFrom(asker, { host, port: port.nodePort ?? 0, ...asking }),
      ),
    );
    return judgeTrials(world, trials, { where, mend: ['skiff status', `kubectl describe node ${node.metadata.name}`] });
  } catch (error) {
    return unknown(`${where}: node ${asker.metadata.name} could not be asked: ${messageOf(error)}`);
  }
}

const hasEndpoint = ({ slices }: World, { metadata }: Node): boolean =>
  slices.some(({ endpoints }) =>
    (endpoints ?? []).some(({ nodeName, conditions }) => nodeName === metadata.name && conditions?.ready !== false),
  );
