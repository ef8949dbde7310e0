import type { Link } from '../link.ts';
import { broken, gravest, ok, type Verdict } from '../verdict.ts';
import {
  count,
  few,
  hasSelector,
  kubectl,
  type Port,
  portsOf,
  portText,
  servingPods,
  targetPortIn,
  type World,
} from '../world.ts';

/** Do the Pods have the ports that the Service names? */
export const targetPortsLink: Link = {
  name: 'target ports',
  needs: ['pods'],
  applies: (world) => hasSelector(world) && portsOf(world).length > 0,
  check: (world) =>
    gravest(
      portsOf(world).map((port, at) => checkPort(world, port, at)),
      () =>
        portsOf(world)
          .map((port) => `${portText(port)} to ${port.targetPort ?? port.port}`)
          .join(', '),
    ),
};

function checkPort(world: World, port: Port, at: number): Verdict {
  const pods = servingPods(world);
  const lacking = pods.filter((pod) => targetPortIn(pod, port) === undefined);
  const [first] = lacking;
  if (!first) return ok(portText(port));
  const named = (first.spec?.containers ?? []).flatMap(({ ports }) => ports ?? []);
  const names = named.map(
    ({ name, containerPort, protocol = 'TCP' }) => `${name ? `${name} ` : ''}${containerPort}/${protocol}`,
  );
  const [only] = named;
  const value = only && JSON.stringify(only.name ?? only.containerPort);
  return broken(
    `${few(
      lacking.map(({ metadata }) => `pod/${metadata.name}`),
      2,
    )} ${lacking.length === 1 ? 'has' : 'have'} no port named "${port.targetPort}"`,
    {
      evidence: [
        names.length > 0 ? `its ports: ${few(names, 6)}` : 'its containers declare no ports',
        `${count(lacking.length, 'Pod')} of ${pods.length} lack it`,
      ],
      mend: [value === undefined ? kubectl(world, `edit service ${world.name}`) : patchTarget(world, at, value)],
    },
  );
}

/** The command that sends a Service's port elsewhere. */
export function patchTarget(world: World, at: number, value: string): string {
  const patch = `[{"op":"replace","path":"/spec/ports/${at}/targetPort","value":${value}}]`;
  return kubectl(world, `patch service ${world.name} --type=json -p '${patch}'`);
}
