import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** As the kernel has it. */
const MOST_LINKS = 40;

/**
 * Where a path inside a root folder is on the host when that folder is `/`: links in it are followed as they would be there, and nothing leads
 * out. The last part is not followed unless asked for, and need not be there. Throws on a loop of links.
 */
export function scopedPath(root: string, path: string, options: { followLast?: boolean } = {}): string {
  let links = 0;
  const parts = path.split('/').filter(Boolean);
  let at: string[] = [];
  while (parts.length > 0) {
    const part = parts.shift() ?? '';
    if (part === '.') continue;
    if (part === '..') {
      at.pop();
      continue;
    }
    const here = join(root, ...at, part);
    const isLast = parts.length === 0;
    const link = isLast && options.followLast !== true ? undefined : linkAt(here);
    if (link === undefined) at.push(part);
    else {
      links += 1;
      if (links > MOST_LINKS) throw new Error(`too many links in ${path}`);
      if (link.startsWith('/')) at = [];
      parts.unshift(...link.split('/').filter(Boolean));
    }
  }
  return join(root, ...at);
}

function linkAt(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isSymbolicLink() ? readlinkSync(path) : undefined;
}
