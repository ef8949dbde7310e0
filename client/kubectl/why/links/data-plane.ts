import type { Node } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { broken, gravest, ok, unknown, type Verdict, warning } from '../verdict.ts';
import {
  count,
  few,
  isExternalName,
  isHeadless,
  isNodeReady,
  messageOf,
  type Port,
  portsOf,
  portText,
  type World,
} from '../world.ts';

/** Has every node programmed it? Asked of the node agents' data planes. */
export const dataPlaneLink: Link = {
  name: 'data plane',
  needs: ['service'],
  applies: (world) => !isHeadless(world) && !isExternalName(world),
  async check(world) {
    if (world.nodes.length === 0)
      return broken('the cluster has no nodes: nobody carries Services', { mend: ['skiff up --nodes 3'] });
    const verdicts = await Promise.all(world.nodes.map((node) => checkNode(world, node)));
    return gravest(verdicts, (nodes) => `programmed on ${nodes === 1 ? 'its node' : `all ${nodes} nodes`}`);
  },
};

async function checkNode(world: World, node: Node): Promise<Verdict> {
  const { name } = node.metadata;
  let services: Awaited<ReturnType<World['ask']['programmed']>>['services'];
  try {
    ({ services } = await world.ask.programmed(node));
  } catch (error) {
    const ready = isNodeReady(node) ? '' : ' (it is not Ready)';
    return unknown(`node ${name} could not be asked${ready}: ${messageOf(error)}`, {
      mend: [`kubectl describe node ${name}`],
    });
  }
  const faults = portsOf(world).flatMap((port) => faultOf(world, { node, port, services }) ?? []);
  return faults.length === 0 ? ok(name) : gravest(faults, () => name);
}

interface Programmed {
  readonly node: Node;
  readonly port: Port;
  readonly services: readonly {
    name: string;
    clusterIP: string;
    port: number;
    protocol: string;
    endpoints: readonly string[];
  }[];
}

function faultOf(world: World, { node, port, services }: Programmed): Verdict | undefined {
  const key = `${world.namespace}/${world.name}${port.name ? `:${port.name}` : ''}`;
  const found = services.find(({ name, protocol }) => name === key && protocol === (port.protocol ?? 'TCP'));
  const where = `node ${node.metadata.name}`;
  const mend = ['skiff status', `kubectl describe node ${node.metadata.name}`];
  if (!found)
    return broken(`${where} has not programmed port ${portText(port)}`, {
      evidence: [`it knows ${count(services.length, 'port')} of Services`],
      mend,
    });
  const wanted = `${world.service?.spec?.clusterIP}:${port.port}`;
  const has = `${found.clusterIP}:${found.port}`;
  if (wanted !== has) return broken(`${where} carries ${has} instead of ${wanted}`, { mend });
  const expected = endpointsFor(world, node, port);
  const missing = expected.filter((address) => !found.endpoints.includes(address));
  const extra = found.endpoints.filter((address) => !expected.includes(address));
  const distribution = world.service?.spec?.trafficDistribution;
  // Near endpoints alone are what was asked for.
  if (distribution && extra.length === 0 && found.endpoints.length > 0) return undefined;
  if (missing.length > 0)
    return broken(`${where} does not send to ${few(missing)}`, {
      evidence: [`it sends to ${few(found.endpoints) || 'nobody'}`],
      mend,
    });
  if (extra.length > 0)
    return warning(`${where} still sends to ${few(extra)}`, {
      evidence: [`it should send to ${few(expected) || 'nobody'}`],
      mend,
    });
  return undefined;
}

/** The ready endpoints that a client on a node may be sent to. Where none is ready, those that end and still serve. */
function endpointsFor(world: World, node: Node, port: Port): string[] {
  const local = world.service?.spec?.internalTrafficPolicy === 'Local';
  const all = world.slices.flatMap(({ ports, endpoints }) =>
    (ports ?? [])
      .filter(({ name }) => (name ?? '') === (port.name ?? ''))
      .flatMap(({ port: number }) =>
        (endpoints ?? [])
          .filter(({ nodeName }) => !local || nodeName === node.metadata.name)
          .flatMap(({ addresses, conditions }) =>
            addresses.map((address) => ({ address: `${address}:${number}`, conditions })),
          ),
      ),
  );
  const ready = all.filter(({ conditions }) => conditions?.ready !== false);
  const ending = all.filter(({ conditions }) => conditions?.serving && conditions.terminating);
  return (ready.length > 0 ? ready : ending).map(({ address }) => address);
}
