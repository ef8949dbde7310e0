import type { Link } from '../link.ts';
import { broken, ok, warning } from '../verdict.ts';
import { few, isHeadless, portsOf, portText, type World } from '../world.ts';

/** Does the Service exist? */
export const serviceLink: Link = {
  name: 'service',
  needs: [],
  applies: () => true,
  check(world) {
    const { service } = world;
    if (!service) return missing(world);
    const { type = 'ClusterIP', clusterIP } = service.spec ?? {};
    if (service.metadata.deletionTimestamp) {
      const finalizers = service.metadata.finalizers ?? [];
      return warning('it is being deleted', { evidence: [`waits for finalizers: ${few(finalizers) || 'none'}`] });
    }
    const address = isHeadless(world) ? 'headless' : (clusterIP ?? '');
    const ports = portsOf(world).map(portText).join(', ');
    if (type !== 'ExternalName' && ports === '' && !isHeadless(world)) return broken('it has no ports');
    return ok([`${type} ${address}`.trim(), ports].filter(Boolean).join(', '));
  },
};

function missing({ namespace, name, services }: World) {
  const elsewhere = services
    .filter(({ metadata }) => metadata.name === name)
    .map(({ metadata }) => metadata.namespace ?? '');
  const [other] = elsewhere;
  if (other !== undefined) {
    return broken(`there is none in namespace ${namespace}`, {
      evidence: [`there is one of that name in ${few(elsewhere)}`],
      mend: [`skiff why service/${name} -n ${other}`],
    });
  }
  const here = services.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  const near = here.filter(
    (one) => distance(one, name) <= Math.max(1, Math.floor(name.length / 3)) || hasWords(one, name),
  );
  const [closest] = near.toSorted((a, b) => distance(a, name) - distance(b, name));
  const inNamespace = namespace === 'default' ? '' : ` -n ${namespace}`;
  return broken(`there is none in namespace ${namespace}`, {
    evidence: [here.length > 0 ? `Services there: ${few(here, 6)}` : 'the namespace has no Services at all'],
    mend: [
      closest === undefined
        ? `kubectl${inNamespace} expose deployment/NAME --name=${name} --port=80`
        : `skiff why service/${closest}${inNamespace}`,
    ],
  });
}

/** `my-nodeport-service` has the words of `my-service`. */
const hasWords = (name: string, words: string): boolean =>
  words.split('-').every((word) => name.split('-').includes(word));

/** How many letters differ (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      const change = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
