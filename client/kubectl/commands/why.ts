import { defineCommand } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import { goJson } from '../print/go-json.ts';
import { type Followed, follow } from '../why/follow.ts';
import { gather } from '../why/gather.ts';
import { links } from '../why/links.ts';
import { conclusionText, linkText } from '../why/report.ts';

/**
 * `skiff why service/NAME`: follows one Service link by link and names the first that is broken, with evidence and what to type. Ends
 * with 0 where it works, 1 where a link is broken, 2 where none is but some could not be found out.
 */
export const command = defineCommand({
  usage: 'why service/NAME',
  summary: 'Follow one Service link by link, and name the first that is broken.',
  flags: { verbose: bool(), output: text('o') },
  async run(session, { flags, args }) {
    const name = serviceName(args);
    const world = await gather(session.client, { namespace: session.namespace, name }, session.signal);
    const full = `service ${world.namespace}/${name}`;
    const json = flags.output === 'json';
    if (flags.output !== undefined && !json)
      throw new CommandError(`unknown output form ${JSON.stringify(flags.output)}: there is json`);
    if (!json) session.out(`${full.replace('service', 'Service')}\n`);
    const followed: Followed[] = [];
    for await (const link of follow(links, world)) {
      followed.push(link);
      if (!json) session.io.out(linkText(link, { colour: session.io.colour, verbose: flags.verbose }));
    }
    if (json) session.out(goJson({ namespace: world.namespace, service: name, links: followed }, '  '));
    else session.io.out(conclusionText(followed, full));
    const has = (state: Followed['state']): boolean => followed.some((link) => link.state === state);
    if (has('broken')) throw new CommandError('', 1);
    if (has('unknown')) throw new CommandError('', 2);
  },
});

/** `service/web`, `svc/web`, `service web`, `web`. */
function serviceName(args: readonly string[]): string {
  const [first = '', second] = args;
  const [type, name] = first.includes('/')
    ? first.split('/')
    : second === undefined
      ? ['service', first]
      : [first, second];
  const isService = ['service', 'services', 'svc'].includes(type ?? '');
  if (!isService || !name || args.length > 2) throw new UsageError('name one Service: skiff why service/NAME');
  return name;
}
