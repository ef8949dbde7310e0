import { StatusError } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import { CommandError } from '../failure.ts';
import type { Session } from '../session.ts';
import { secondsOf } from './duration.ts';
import { streamPod } from './stream-pod.ts';

interface NewPod {
  readonly name: string;
  readonly flags: {
    readonly stdin: boolean;
    readonly tty: boolean;
    readonly rm: boolean;
    readonly quiet: boolean;
    readonly 'pod-running-timeout': string;
  };
}

/** `kubectl run -it`: waits until the Pod runs, joins it, and with `--rm` removes it afterwards. */
export async function attachToNewPod(session: Session, { name, flags }: NewPod): Promise<void> {
  const pods = session.client.resource('Pod');
  const key = { namespace: session.namespace, name };
  try {
    const pod = await started(session, name, secondsOf(flags['pod-running-timeout']));
    if (['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) return await printLog(session, name);
    if (!flags.quiet && flags.stdin) session.err("If you don't see a command prompt, try pressing enter.");
    await streamPod(session, { pod, container: name, stdin: flags.stdin, tty: flags.tty }).catch((error: unknown) => {
      // It was over before anybody could join it: said by the API server, or by the node when the connection was there already.
      if (!(error instanceof StatusError || error instanceof CommandError)) throw error;
      session.err(`warning: couldn't attach to pod/${name}, falling back to streaming logs: ${error.message}`);
      return printLog(session, name);
    });
  } finally {
    if (flags.rm) {
      await pods.delete(key).catch(() => undefined);
      session.out(`pod ${JSON.stringify(name)} deleted`);
    }
  }
}

async function printLog({ client, io, namespace, signal }: Session, name: string): Promise<void> {
  io.out(await client.text({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${name}/log`, signal }));
}

async function started(session: Session, name: string, seconds: number): Promise<Pod> {
  const pods = session.client.resource('Pod');
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(seconds * 1000)]);
  const fieldSelector = `metadata.name=${name}`;
  try {
    for await (const { type, object } of pods.watch({ namespace: session.namespace, fieldSelector, signal })) {
      if (type === 'DELETED') break;
      if (type !== 'BOOKMARK' && object.status?.phase && object.status.phase !== 'Pending') return object;
    }
  } catch (error) {
    if (session.signal.aborted || !signal.aborted) throw error;
  }
  throw new CommandError('timed out waiting for the condition');
}
