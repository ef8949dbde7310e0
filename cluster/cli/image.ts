import { existsSync } from 'node:fs';
import { Client } from '@skiff/client/client';
import { ImageFolder, type LoadedImage } from '@skiff/node-agent/images/loaded-images';
import type { DataFolder } from '../data-folder.ts';
import { type Options, UsageError } from './options.ts';

/** `skiff image load FILE...`, `skiff image ls`, `skiff image rm NAME...`: what Pods can run from. The cluster need not be up. */
export async function image({ folder, operands }: Options): Promise<number> {
  const [verb = 'ls', ...rest] = operands;
  const images = new ImageFolder(folder.images);
  switch (verb) {
    case 'load':
      if (rest.length === 0) throw new UsageError('which FILE? One from "docker save", or an OCI layout');
      for (const file of rest) for (const loaded of await images.load(file)) say(`loaded ${describe(loaded)}`);
      return 0;
    case 'ls':
      for (const line of table(images.list())) say(line);
      return 0;
    case 'rm':
      if (rest.length === 0) throw new UsageError('which NAME? "skiff image ls" shows them');
      for (const name of rest) {
        const found = images.match(name);
        if (!found) throw new Error(`there is no image "${name}"; "skiff image ls" shows what there is`);
        const user = await userOf(found, folder);
        if (user) throw new Error(`the image "${name}" is used by pod ${user}; delete that first`);
        images.remove(name);
        say(`removed ${name}`);
      }
      return 0;
    default:
      throw new UsageError(`there is no command "image ${verb}"; there are load, ls and rm`);
  }
}

/** A Pod that runs from an image, where the cluster is up. */
async function userOf({ id }: LoadedImage, { apiSocket }: DataFolder): Promise<string | undefined> {
  if (!existsSync(apiSocket)) return undefined;
  using client = new Client({ server: `unix:${apiSocket}` });
  // A cluster that was killed leaves its socket behind.
  const pods = await client
    .resource('Pod')
    .list()
    .catch(() => undefined);
  const used = pods?.items.find(({ status }) => {
    const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
    return [...containerStatuses, ...initContainerStatuses].some(
      ({ imageID, state }) => imageID === id && state?.running,
    );
  });
  return used && `${used.metadata.namespace}/${used.metadata.name}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function describe({ names, id }: LoadedImage): string {
  return names.join(', ') || id;
}

function table(images: readonly LoadedImage[]): string[] {
  const rows = images.flatMap(({ names, id, size, loadedAt }) =>
    names.map((name) => [name, id.slice('sha256:'.length, 19), `${(size / 1e6).toFixed(1)} MB`, loadedAt.slice(0, 10)]),
  );
  const all = [['NAME', 'IMAGE ID', 'SIZE', 'LOADED'], ...rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
