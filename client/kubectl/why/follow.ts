import type { Link } from './link.ts';
import { unknown, type Verdict } from './verdict.ts';
import { messageOf, type World } from './world.ts';

export interface Followed extends Verdict {
  readonly link: string;
}

/** Looks at one link after the other. One whose need is broken is not looked at, which makes it unknown. */
export async function* follow(links: readonly Link[], world: World): AsyncGenerator<Followed> {
  const blocked = new Map<string, string>();
  for (const link of links) {
    if (!link.applies(world)) continue;
    const need = link.needs.find((name) => blocked.has(name));
    const root = need === undefined ? undefined : blocked.get(need);
    const verdict = root === undefined ? await check(link, world) : unknown(`not looked at: ${root} is broken`);
    if (root !== undefined) blocked.set(link.name, root);
    else if (verdict.state === 'broken') blocked.set(link.name, link.name);
    yield { link: link.name, ...verdict };
  }
}

async function check(link: Link, world: World): Promise<Verdict> {
  try {
    return await link.check(world);
  } catch (error) {
    return unknown(`could not be found out: ${messageOf(error)}`);
  }
}
