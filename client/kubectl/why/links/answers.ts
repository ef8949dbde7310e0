import type { ConnectionTrial } from '../../../try-connection.ts';
import { broken, ok, unknown, type Verdict } from '../verdict.ts';
import { few, servingPods, type World } from '../world.ts';

/** What several connections to one address say together: whether they got an answer, and from whom. */
export function judgeTrials(
  world: World,
  trials: readonly ConnectionTrial[],
  { where, mend, evidence = [] }: { where: string; mend: readonly string[]; evidence?: readonly string[] },
): Verdict {
  const refused = trials.filter(({ connected }) => !connected);
  if (refused.length > 0) {
    const some =
      refused.length === trials.length ? 'no connection' : `${refused.length} of ${trials.length} connections failed`;
    const reasons = new Set(refused.map(({ error = '' }) => error));
    return broken(`${where}: ${some}`, { evidence: [...reasons, ...evidence], mend });
  }
  const silent = trials.filter(({ answer }) => !answer);
  const [first] = silent;
  if (first) {
    const what = first.answer === '' ? 'closes them without an answer' : 'says nothing';
    return unknown(`${where} takes connections and ${what}: it may speak something else than HTTP`);
  }
  return ok(`${where} answers: ${answersText(world, trials)}`);
}

/** Who answered, as far as the answers tell: an answer that names one of the Service's Pods is that Pod's. */
export function answersText(world: World, trials: readonly ConnectionTrial[]): string {
  const names = servingPods(world).map(({ metadata }) => metadata.name);
  const known = new Set(trials.flatMap(({ answer = '' }) => names.filter((name) => answer.includes(name))));
  const [first] = trials;
  const [line = ''] = (first?.answer ?? '').split('\r\n');
  const ms = Math.min(...trials.map((trial) => trial.ms));
  const from = known.size > 0 ? `, from ${few([...known].toSorted(), 4)}` : '';
  return `${line.slice(0, 60)}${from} (${ms} ms)`;
}
