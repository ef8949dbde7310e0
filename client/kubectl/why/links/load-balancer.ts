import type { Link } from '../link.ts';
import { broken, gravest, unknown, type Verdict } from '../verdict.ts';
import { kubectl, manners, type Port, portsOf, untried, type World } from '../world.ts';
import { judgeTrials } from './answers.ts';

const trialsEach = 2;

/** Has the load balancer an address, and does it answer? */
export const loadBalancerLink: Link = {
  name: 'load balancer',
  needs: ['service', 'endpoint slices'],
  applies: ({ service }) => service?.spec?.type === 'LoadBalancer',
  async check(world) {
    const ingress = world.service?.status?.loadBalancer?.ingress ?? [];
    if (ingress.length === 0) return withoutAddress(world);
    const verdicts = await Promise.all(
      ingress.flatMap(({ ip, hostname, ports }) =>
        portsOf(world).map((port) => {
          const state = ports?.find((one) => one.port === port.port);
          return tryAddress(world, { host: ip ?? hostname ?? '', port, error: state?.error });
        }),
      ),
    );
    return gravest(verdicts, () => verdicts[0]?.says ?? '');
  },
};

function withoutAddress(world: World): Verdict {
  const about = world.events.filter(
    ({ involvedObject }) => involvedObject.kind === 'Service' && involvedObject.name === world.name,
  );
  const said = about.map(({ reason, message }) => `${reason}: ${message}`);
  return broken('it has no address (EXTERNAL-IP is pending)', {
    evidence: said.length > 0 ? said.slice(-2) : ['nobody has said why: is a controller for load balancers running?'],
    mend: ['skiff status    # is "controllers" running?', kubectl(world, `describe service ${world.name}`)],
  });
}

async function tryAddress(
  world: World,
  { host, port, error }: { host: string; port: Port; error: string | undefined },
): Promise<Verdict> {
  const where = `${host}:${port.port}`;
  if (error)
    return broken(`${where} could not be opened: ${error}`, {
      mend: [kubectl(world, `describe service ${world.name}`)],
    });
  const asking = manners(port);
  if (!asking) return unknown(untried(port));
  const trials = await Promise.all(
    Array.from({ length: trialsEach }, () => world.ask.connectFromHere({ host, port: port.port, ...asking })),
  );
  return judgeTrials(world, trials, {
    where,
    mend: ['skiff status', kubectl(world, `describe service ${world.name}`)],
  });
}
