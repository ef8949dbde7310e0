import { existsSync, realpathSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { Mount } from '../runtime/runtime.ts';
import { emptyConfig, type Image, type ImageConfig } from './image.ts';

/** Where the built-in images find this project and Node, read-only. */
const inside = '/opt/skiff';
const node = `${inside}-node/node`;
const project = join(import.meta.dirname, '../..');
/** The outermost `node_modules` that this project is installed below, if any: what it needs may be anywhere in there. */
const installation = /^.*?\/node_modules(?=\/)/.exec(project)?.[0];
/** Where a program finds the project's folders. */
const home = installation ? join(inside, 'node_modules', relative(installation, project)) : inside;
/** `.js` where the project was compiled. */
const extension = extname(import.meta.filename);

/** A program without handlers ignores TERM as PID 1; a shell that waits also reaps. */
const pauseScript = 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait "$!"; done';

interface BuiltIn {
  /** Folders of the project that the program needs. */
  readonly folders: readonly string[];
  readonly config: Partial<ImageConfig>;
}

const builtIns: Readonly<Record<string, BuiltIn>> = {
  'my-app-image': {
    folders: ['node-agent/programs'],
    config: {
      // Small heaps and few threads: it answers with a few lines.
      entrypoint: [node, '--max-semi-space-size=1', '--v8-pool-size=1', `${home}/node-agent/programs/my-app-image.mjs`],
      fieldEnv: {
        POD_NAME: 'metadata.name',
        POD_NAMESPACE: 'metadata.namespace',
        NODE_NAME: 'spec.nodeName',
        POD_IP: 'status.podIP',
      },
      exposedPorts: ['8080/tcp'],
    },
  },
  'cluster-dns': {
    folders: ['api', 'client', 'node-agent', 'node_modules'],
    config: {
      entrypoint: [
        node,
        '--max-semi-space-size=1',
        '--v8-pool-size=1',
        '--disable-warning=ExperimentalWarning',
        `${home}/node-agent/programs/cluster-dns${extension}`,
      ],
      // What is compiled already (cluster/bin/compile-cache.js), where the project has it.
      env: {
        ...emptyConfig.env,
        NODE_COMPILE_CACHE: `${inside}/node_modules/.cache/skiff`,
        NODE_COMPILE_CACHE_PORTABLE: '1',
      },
      exposedPorts: ['53/udp', '53/tcp'],
    },
  },
  pause: { folders: [], config: { entrypoint: ['/bin/sh', '-c', pauseScript] } },
};

/** The images that are programs of this project, run by the Node that runs the agent: `my-app-image`, `cluster-dns`, `pause`. */
export const builtInImageNames: readonly string[] = Object.keys(builtIns);

/** Undefined where there is no such built-in image. */
export function builtInImage(name: string): Omit<Image, 'name'> | undefined {
  const builtIn = Object.hasOwn(builtIns, name) ? builtIns[name] : undefined;
  if (builtIn === undefined) return undefined;
  const imageId = `builtin://${name}`;
  const programs: Mount[] = [];
  if (builtIn.folders.length > 0)
    programs.push({ source: realpathSync(process.execPath), target: node, readOnly: true });
  programs.push(...mountsOf(builtIn));
  const config = { ...emptyConfig, ...builtIn.config };
  return { imageId, source: 'built-in', filesystem: { type: 'host', id: imageId, programs }, config };
}

function mountsOf({ folders }: BuiltIn): Mount[] {
  if (folders.includes('node_modules') && installation)
    return [{ source: installation, target: join(inside, 'node_modules'), readOnly: true }];
  return folders
    .map((folder) => ({ source: join(project, folder), target: join(home, folder), readOnly: true }))
    .filter(({ source }) => existsSync(source));
}
