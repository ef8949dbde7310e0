import { collectionPath, kindNamed } from '@skiff/api/kinds';
import { isNotFound } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { queryOf } from '../../query.ts';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll, UsageError } from '../failure.ts';
import { bool, type FlagValues, text } from '../flags.ts';
import { podsOf } from '../resources/pods-of.ts';
import type { Session } from '../session.ts';
import { containerOf } from './container-choice.ts';
import { secondsOf } from './duration.ts';

const flags = {
  follow: bool('f'),
  previous: bool('p'),
  container: text('c'),
  'all-containers': bool(),
  'all-pods': bool(),
  timestamps: bool(),
  since: text(),
  'since-time': text(),
  tail: text(undefined, '-1'),
  'limit-bytes': text(),
  selector: text('l'),
  prefix: bool(),
  'max-log-requests': text(undefined, '5'),
  'ignore-errors': bool(),
  'insecure-skip-tls-verify-backend': bool(),
} as const;
type Flags = FlagValues<typeof flags>;

const usage =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** `kubectl logs`: what containers wrote, of one or of all Pods that a selector means. */
export const command = defineCommand({
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  summary: 'Print the logs for a container in a pod or specified resource.',
  flags,
  async run(session, { flags, args, given }) {
    const [, container] = args;
    if (args.length === 0 && flags.selector === undefined) throw new UsageError(usage);
    if (args.length > 2) throw new UsageError(usage);
    if (container !== undefined && flags.container)
      throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
    const pods = await chosenPods(session, flags, args.slice(0, 1));
    const several = pods.length > 1 || flags['all-containers'];
    const streams = pods.flatMap((pod) =>
      containersOf(session, flags, { pod, asked: flags.container ?? container, quiet: several }).map((name) => ({
        pod,
        container: name,
      })),
    );
    const most = Number(flags['max-log-requests']);
    if (flags.follow && streams.length > most) {
      throw new CommandError(
        `you are attempting to follow ${streams.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
      );
    }
    const tail = flags.selector !== undefined && !given.has('tail') ? '10' : flags.tail;
    const errors: unknown[] = [];
    const one = (stream: (typeof streams)[number]): Promise<void> =>
      print(session, { ...flags, tail }, stream).catch((error: unknown) => {
        if (flags['ignore-errors'] && !session.signal.aborted)
          session.err(`error: ${(error as Error).message}`); // it threw an Error
        else errors.push(error);
      });
    if (flags.follow && streams.length > 1) await Promise.all(streams.map(one));
    else for (const stream of streams) await one(stream);
    if (streams.length === 0) session.err(`No resources found in ${session.namespace} namespace.`);
    throwAll(errors);
  },
});

async function chosenPods(session: Session, flags: Flags, args: readonly string[]): Promise<Pod[]> {
  if (flags.selector !== undefined) {
    const { items } = await session.client
      .resource('Pod')
      .list({ namespace: session.namespace, labelSelector: flags.selector, signal: session.signal });
    return items;
  }
  const pods = await podsOf(session, args, usage).catch((error: unknown) => {
    if (!isNotFound(error) || !(error instanceof Error)) throw error;
    throw new CommandError(
      `error from server (NotFound): ${error.message} in namespace ${JSON.stringify(session.namespace)}`,
    );
  });
  const [first] = pods;
  if (!first) throw new CommandError('timed out waiting for the condition');
  if (pods.length > 1 && !flags['all-pods']) session.err(`Found ${pods.length} pods, using pod/${first.metadata.name}`);
  return flags['all-pods'] ? pods : [first];
}

function containersOf(
  session: Session,
  flags: Flags,
  { pod, asked, quiet }: { pod: Pod; asked: string | undefined; quiet: boolean },
): string[] {
  if (!flags['all-containers']) return [containerOf(session, pod, { asked, quiet })];
  const { initContainers = [], containers = [], ephemeralContainers = [] } = pod.spec ?? {};
  return [...(initContainers ?? []), ...containers, ...(ephemeralContainers ?? [])].map(({ name }) => name);
}

async function print(
  session: Session,
  flags: Flags,
  { pod, container }: { pod: Pod; container: string },
): Promise<void> {
  const query = queryOf({
    container,
    follow: flags.follow || undefined,
    previous: flags.previous || undefined,
    timestamps: flags.timestamps || undefined,
    sinceSeconds: flags.since ? Math.ceil(secondsOf(flags.since)) : undefined,
    sinceTime: flags['since-time'],
    tailLines: flags.tail === '-1' ? undefined : flags.tail,
    limitBytes: flags['limit-bytes'],
  });
  const { namespace, name } = pod.metadata;
  const path = `${collectionPath(kindNamed('Pod'), namespace)}/${name}/log${query}`;
  const answer = await session.client.stream({ method: 'GET', path, accept: '*/*', idleMs: 0, signal: session.signal });
  if (!flags.prefix) {
    for await (const chunk of answer) session.io.out(chunk);
    return;
  }
  let rest = '';
  answer.setEncoding('utf8');
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) session.out(`[pod/${name}/${container}] ${line}`);
  }
  if (rest !== '') session.io.out(`[pod/${name}/${container}] ${rest}`);
}
