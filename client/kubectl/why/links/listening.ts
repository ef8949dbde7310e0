import type { Pod } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { broken, gravest, ok, unknown, type Verdict } from '../verdict.ts';
import {
  count,
  hasSelector,
  kubectl,
  type Listener,
  manners,
  messageOf,
  type Port,
  portsOf,
  portText,
  servingPods,
  targetPortIn,
  type World,
} from '../world.ts';
import { patchTarget } from './target-ports.ts';

/** So many Pods are asked: what one of a template's Pods does, the others do. */
const asked = 5;

/** Does anything listen on the target ports? Asked of the Pods themselves. */
export const listeningLink: Link = {
  name: 'listening',
  needs: ['target ports'],
  applies: (world) => hasSelector(world) && portsOf(world).length > 0,
  async check(world) {
    const pods = servingPods(world).slice(0, asked);
    if (pods.length === 0) return unknown('there is no Ready Pod to ask');
    const verdicts = await Promise.all(pods.map((pod) => checkPod(world, pod)));
    return gravest(
      verdicts.flat(),
      () =>
        `${count(pods.length, 'Pod')} listen${pods.length === 1 ? 's' : ''} on ${portsOf(world)
          .map(({ targetPort, port }) => targetPort ?? port)
          .join(', ')}`,
    );
  },
};

async function checkPod(world: World, pod: Pod): Promise<Verdict[]> {
  const connecting = (why: string): Promise<Verdict[]> =>
    Promise.all(portsOf(world).map((port) => byConnecting(world, pod, port, why)));
  // A Pod without a network of its own would show what everybody on its machine listens on.
  if (isLoopback(pod.status?.podIP ?? '')) return connecting('its network is that of its machine');
  let listeners: readonly Listener[];
  try {
    listeners = await world.ask.listeners(pod);
  } catch (error) {
    return connecting(messageOf(error));
  }
  return portsOf(world).map((port, at) => judge(world, { pod, port, at, listeners }));
}

interface Asked {
  readonly pod: Pod;
  readonly port: Port;
  readonly at: number;
  readonly listeners: readonly Listener[];
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

function judge(world: World, { pod, port, at, listeners }: Asked): Verdict {
  const number = targetPortIn(pod, port);
  const protocol = port.protocol ?? 'TCP';
  const who = `pod/${pod.metadata.name}`;
  const same = listeners.filter((one) => one.protocol === protocol);
  const there = same.filter((one) => one.port === number);
  const reachable = there.filter(({ address }) => !isLoopback(address));
  if (reachable.length > 0) return ok(`${who} listens on ${number}`);
  if (there.length > 0) {
    return broken(`${who} listens on ${number} at loopback only, where nobody from outside can reach it`, {
      evidence: there.map(({ address }) => `${address}:${number} ${protocol}`),
      mend: ['make the program listen on 0.0.0.0 (or ::) instead of localhost, and roll it out again'],
    });
  }
  const others = [...new Set(same.filter(({ address }) => !isLoopback(address)).map((one) => one.port))];
  const [other] = others;
  return broken(`nothing listens on ${number}/${protocol} in ${who} (Service port ${portText(port)})`, {
    evidence: [
      others.length > 0
        ? `it listens on ${others.map((one) => `${one}/${protocol}`).join(', ')}`
        : `it listens on no ${protocol} port`,
    ],
    mend: [other === undefined ? kubectl(world, `logs ${pod.metadata.name}`) : patchTarget(world, at, String(other))],
  });
}

/** A Pod without the programs to ask it is tried from its node instead. */
async function byConnecting(world: World, pod: Pod, port: Port, why: string): Promise<Verdict> {
  const number = targetPortIn(pod, port) ?? port.port;
  const who = `pod/${pod.metadata.name}`;
  const node = world.nodes.find(({ metadata }) => metadata.name === pod.spec?.nodeName);
  const couldNot = `${who} could not be asked: ${why}`;
  const asking = manners(port);
  if (!node || !pod.status?.podIP || !asking) return unknown(couldNot);
  try {
    const trial = await world.ask.connectFrom(node, { host: pod.status.podIP, port: number, ...asking });
    if (trial.connected) return ok(`${who} takes connections on ${number}`);
    return broken(`${who} takes no connection on ${number}`, {
      evidence: [`from node ${node.metadata.name}: ${trial.error ?? ''}`],
      mend: [kubectl(world, `logs ${pod.metadata.name}`)],
    });
  } catch (error) {
    return unknown(couldNot, { evidence: [`nor could its node: ${messageOf(error)}`] });
  }
}
