import { LabelSelector } from '@skiff/api/selectors/label-selector';
import type { Pod } from '@skiff/api/types';
import type { Link } from '../link.ts';
import { broken, ok, type Verdict, warning } from '../verdict.ts';
import { count, few, hasSelector, isExternalName, kubectl, selectedPods, type World } from '../world.ts';

/** Has it a selector, and which Pods match: and which almost do, by which label? */
export const selectorLink: Link = {
  name: 'selector',
  needs: ['service'],
  applies: (world) => !isExternalName(world),
  check(world) {
    if (!hasSelector(world)) return withoutSelector(world);
    const pods = selectedPods(world);
    const text = selectorText(world);
    if (pods.length > 0)
      return ok(`${text} matches ${count(pods.length, 'Pod')}`, { evidence: [few(pods.map(nameOf), 6)] });
    return nothingMatches(world, text);
  },
};

const nameOf = ({ metadata }: Pod): string => metadata.name;
const pairs = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
const selectorOf = ({ service }: World): Readonly<Record<string, string>> => service?.spec?.selector ?? {};
const selectorText = (world: World): string => pairs(selectorOf(world));

function withoutSelector(world: World): Verdict {
  const { slices, name } = world;
  const addresses = slices.flatMap(({ endpoints }) => (endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
  if (addresses.length > 0) return ok(`it has none; its endpoints are kept by hand: ${few(addresses)}`);
  return broken('it has no selector, and nobody has written endpoints for it', {
    mend: [kubectl(world, `set selector service ${name} app=${name}`)],
  });
}

/** A Pod, or the template of Pods to be, that almost matches. */
interface Near {
  readonly who: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The labels that differ: what is wanted, and what is there. */
  readonly differs: readonly { readonly label: string; readonly wanted: string; readonly has: string | undefined }[];
}

function nothingMatches(world: World, text: string): Verdict {
  const ended = endedPods(world);
  if (ended.length > 0) {
    return broken(`the Pods that ${text} matches have ended: ${few(ended)}`, {
      mend: [kubectl(world, `get pods -l ${text}`), kubectl(world, `logs ${ended[0]}`)],
    });
  }
  const idle = idleDeployment(world);
  if (idle) return idle;
  const near = nearest(world);
  const [best] = near;
  if (!best) {
    const evidence =
      world.pods.length === 0
        ? ['the namespace has no Pods']
        : [`no Pod of the ${count(world.pods.length, 'Pod')} here shares a label with it`];
    return broken(`no Pod matches ${text}`, { evidence, mend: [kubectl(world, 'get pods --show-labels')] });
  }
  return broken(`no Pod matches ${text}; ${best.who} almost does`, {
    evidence: near
      .slice(0, 3)
      .flatMap(({ who, differs }) =>
        differs.map(({ label, wanted, has }) =>
          has === undefined
            ? `${who} has no label ${label}; the Service wants ${label}=${wanted}`
            : `${who} has ${label}=${has}; the Service wants ${label}=${wanted}`,
        ),
      ),
    mend: [mendSelector(world, best)],
  });
}

/** The selector that would have matched: labels that the Pod lacks are dropped, others become the Pod's own. */
function mendSelector(world: World, { labels }: Near): string {
  const wanted = Object.keys(selectorOf(world)).flatMap((label) => {
    const has = labels[label];
    return has === undefined ? [] : [`${label}=${has}`];
  });
  if (wanted.length === 0) return kubectl(world, 'get pods --show-labels');
  return kubectl(world, `set selector service ${world.name} '${wanted.join(',')}'`);
}

function nearest(world: World): Near[] {
  const selector = selectorOf(world);
  const candidates = [
    ...world.pods.map(({ metadata }) => ({ who: `pod/${metadata.name}`, labels: metadata.labels ?? {} })),
    ...world.deployments.map(({ metadata, spec }) => ({
      who: `deployment/${metadata.name}`,
      labels: spec?.template.metadata?.labels ?? {},
    })),
  ];
  return candidates
    .map(({ who, labels }): Near => {
      const differs = Object.entries(selector)
        .filter(([label, value]) => labels[label] !== value)
        .map(([label, wanted]) => ({ label, wanted, has: labels[label] }));
      return { who, labels, differs };
    })
    .filter(({ differs }) => differs.length < Object.keys(selector).length || differs.some(isTypo))
    .toSorted((a, b) => a.differs.length - b.differs.length || missingLabels(a) - missingLabels(b));
}

const missingLabels = ({ differs }: Near): number => differs.filter(({ has }) => has === undefined).length;

/** The same label with another value: likelier a slip than another thing altogether. */
const isTypo = ({ has }: Near['differs'][number]): boolean => has !== undefined;

function endedPods(world: World): string[] {
  const selector = LabelSelector.fromMap(selectorOf(world));
  return world.pods.filter(({ metadata }) => selector.matches(metadata.labels ?? {})).map(nameOf);
}

/** A Deployment whose Pods would match, if there were any. */
function idleDeployment(world: World): Verdict | undefined {
  const selector = LabelSelector.fromMap(selectorOf(world));
  const found = world.deployments.find(({ spec }) => selector.matches(spec?.template.metadata?.labels ?? {}));
  if (!found) return undefined;
  const { name } = found.metadata;
  if (found.spec?.replicas === 0) {
    return broken(`deployment/${name} makes such Pods, and is scaled to 0`, {
      mend: [kubectl(world, `scale deployment/${name} --replicas=1`)],
    });
  }
  const failure = found.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  const verdict = failure ? broken : warning;
  return verdict(`deployment/${name} makes such Pods, and has none yet`, {
    evidence: failure?.message ? [failure.message] : [],
    mend: [kubectl(world, `describe deployment/${name}`)],
  });
}
