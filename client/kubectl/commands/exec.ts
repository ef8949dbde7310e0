import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { podsOf } from '../resources/pods-of.ts';
import { containerOf } from './container-choice.ts';
import { streamPod } from './stream-pod.ts';

/** `kubectl exec`: runs a command in a container. */
export const command = defineCommand({
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  summary: 'Execute a command in a container.',
  flags: {
    container: text('c'),
    stdin: bool('i'),
    tty: bool('t'),
    quiet: bool('q'),
    'pod-running-timeout': text(undefined, '1m'),
  },
  async run(session, { flags, args, dash }) {
    if (dash === undefined) {
      if (args.length > 1)
        throw new CommandError('exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
      throw new CommandError(
        args.length === 0
          ? 'pod, type/name or --filename must be specified'
          : 'you must specify at least one command for the container',
      );
    }
    const words = args.slice(dash);
    if (words.length === 0) throw new CommandError('you must specify at least one command for the container');
    const [pod] = await podsOf(session, args.slice(0, dash), 'pod, type/name or --filename must be specified');
    if (!pod) throw new CommandError('no pod is there to run it in');
    if (['Succeeded', 'Failed'].includes(pod.status?.phase ?? ''))
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${pod.status?.phase}`);
    const container = containerOf(session, pod, { asked: flags.container, quiet: flags.quiet });
    await streamPod(session, { pod, container, command: words, stdin: flags.stdin, tty: flags.tty });
  },
});
