import type { Pod } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { broken, gravest, ok, unknown, type Verdict } from '../verdict.ts';
import { count, few, isExternalName, isHeadless, isPodReady, messageOf, type World } from '../world.ts';

const domain = 'cluster.local';
const restart = 'kubectl -n kube-system rollout restart deployment/coredns';

/** Does its name resolve? Asked of the DNS Pods. */
export const dnsLink: Link = {
  name: 'name',
  needs: ['service'],
  applies: () => true,
  async check(world) {
    const name = `${world.name}.${world.namespace}.svc.${domain}`;
    if (world.dnsPods.length === 0) {
      return unknown('the cluster has no DNS Pods (kube-system, k8s-app=kube-dns)', {
        mend: ['kubectl -n kube-system get deployments,pods -l k8s-app=kube-dns'],
      });
    }
    const ready = world.dnsPods.filter(isPodReady);
    if (ready.length === 0) {
      return broken('no DNS Pod is Ready', {
        evidence: world.dnsPods.map(({ metadata, status }) => `pod/${metadata.name}: ${status?.phase ?? 'unknown'}`),
        mend: ['kubectl -n kube-system describe pods -l k8s-app=kube-dns'],
      });
    }
    const verdicts = await Promise.all(ready.map((pod) => askPod(world, pod, name)));
    return gravest(
      verdicts,
      (pods) => `${name} is ${few(expected(world), 4) || 'known'}, say ${count(pods, 'DNS Pod')}`,
    );
  },
};

/** What the name should stand for. */
function expected(world: World): string[] {
  const { service, slices } = world;
  if (isExternalName(world)) return [service?.spec?.externalName ?? ''];
  if (!isHeadless(world)) return [service?.spec?.clusterIP ?? ''];
  const addresses = slices.flatMap(({ endpoints }) =>
    (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap((endpoint) => endpoint.addresses),
  );
  return [...new Set(addresses)];
}

async function askPod(world: World, pod: Pod, name: string): Promise<Verdict> {
  const who = `pod/${pod.metadata.name}`;
  let answer: Awaited<ReturnType<World['ask']['resolve']>>;
  try {
    answer = await world.ask.resolve(pod, name);
  } catch (error) {
    return unknown(`${who} could not be asked: ${messageOf(error)}`);
  }
  const { code, answers } = answer;
  const wanted = expected(world);
  if (code !== 'NOERROR')
    return broken(`${who} answers ${code} to ${name}`, {
      mend: [`kubectl -n kube-system logs ${pod.metadata.name}`, restart],
    });
  const bare = (text: string): string => text.replace(/\.$/, '');
  const found = answers.map(bare);
  const wrong = found.filter((one) => !wanted.map(bare).includes(one));
  const missing = wanted.filter((one) => !found.includes(bare(one)));
  // Of a name that stands for another, the other's own addresses may follow.
  if (isExternalName(world) && missing.length === 0) return ok(who);
  if (wrong.length === 0 && missing.length === 0) return ok(who);
  return broken(`${who} says that ${name} is ${few(found) || 'nothing'}, not ${few(wanted) || 'nothing'}`, {
    mend: [restart],
  });
}
