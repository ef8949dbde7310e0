import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { podsOf } from '../resources/pods-of.ts';
import { containerOf } from './container-choice.ts';
import { streamPod } from './stream-pod.ts';

/** `kubectl attach`: joins the program that a container runs. */
export const command = defineCommand({
  usage: 'attach (POD | TYPE/NAME) -c CONTAINER',
  summary: 'Attach to a running container.',
  flags: {
    container: text('c'),
    stdin: bool('i'),
    tty: bool('t'),
    quiet: bool('q'),
    'pod-running-timeout': text(undefined, '1m'),
  },
  async run(session, { flags, args }) {
    const [pod] = await podsOf(session, args, 'at least 1 argument is required for attach');
    if (!pod) throw new CommandError('no pod is there to attach to');
    const container = containerOf(session, pod, { asked: flags.container, quiet: flags.quiet });
    const spec = pod.spec?.containers.find(({ name }) => name === container);
    if (flags.tty && !spec?.tty)
      session.err(`error: Unable to use a TTY - container ${container} did not allocate one`);
    if (!flags.quiet && flags.stdin) session.err("If you don't see a command prompt, try pressing enter.");
    await streamPod(session, { pod, container, stdin: flags.stdin, tty: flags.tty && spec?.tty === true });
  },
});
