import { defineCommand } from '../command.ts';
import { commands } from '../commands.ts';
import type { Session } from '../session.ts';

/** What the shell asks for: the words that may stand where the last word is. Says nothing where it does not know. */
export const command = defineCommand({
  usage: '__complete WORDS',
  summary: 'Words that may come next (for the completion scripts).',
  flags: {},
  flagsFirst: true,
  async run(session, { args }) {
    const words = args.slice(0, -1).filter((word) => !word.startsWith('-'));
    for (const word of await candidates(session, words)) session.out(word);
  },
});

async function candidates(session: Session, [name, type, ...more]: readonly string[]): Promise<string[]> {
  if (name === undefined) return Object.keys(commands).filter((one) => !one.startsWith('_'));
  const ofPods = ['logs', 'exec', 'attach', 'port-forward'].includes(name);
  if (name === 'why')
    return type === undefined ? (await names(session, 'services')).map((one) => `service/${one}`) : [];
  if (['cordon', 'uncordon', 'drain'].includes(name)) return names(session, 'nodes');
  if (ofPods) return type === undefined ? names(session, 'pods') : [];
  if (type === undefined)
    return (await session.resources.all()).filter(({ verbs }) => verbs.includes('list')).map(({ plural }) => plural);
  return more.length === 0 || name === 'delete' || name === 'get' ? names(session, type) : [];
}

async function names(session: Session, type: string): Promise<string[]> {
  const resource = await session.resources.find(type);
  if (!resource) return [];
  const { items } = await session.client.metadata(resource).list({ namespace: session.namespace, limit: 500 });
  return items.map(({ metadata }) => metadata.name);
}
