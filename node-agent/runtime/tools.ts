import { execFile } from 'node:child_process';
import { accessSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Where the host's tools are looked for: an ordinary user's PATH often lacks the sbin folders. */
export const toolPath = [process.env['PATH'] || '/usr/bin:/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(
  delimiter,
);

/**
 * By these the processes of a cluster, and of one of its nodes, are found where they are plain processes of the host: the supervisor gives
 * them to node agents, whose processes inherit them.
 */
const marks = ['SKIFF_CLUSTER', 'SKIFF_NODE'] as const;
const inherited = marks.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));

/** The environment of everything that the runtime itself starts; nothing of the agent's own leaks into it but its marks. */
export const toolEnvironment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(inherited),
  PATH: toolPath,
  SHELL: '/bin/sh',
};

/** The full path of a tool, or undefined where it is not installed. */
export function findTool(name: string): string | undefined {
  for (const folder of toolPath.split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return followNamesakes(path);
    } catch {}
  }
  return undefined;
}

/** Folders of links (a profile of Nix, alternatives) are not in containers, what their links of the same name lead to is. */
function followNamesakes(path: string): string {
  const target = lstatSync(path).isSymbolicLink() ? resolve(dirname(path), readlinkSync(path)) : path;
  return target !== path && basename(target) === basename(path) ? followNamesakes(target) : path;
}

/** The full path of a tool; rejects with what to install. */
export function requireTool(name: string, debianPackage = 'util-linux'): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`${name} is not on the PATH; install ${debianPackage}`);
  return path;
}

/** Runs a tool to its end; rejects with what it wrote to stderr. */
export async function runTool(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = command;
  try {
    return (await promisify(execFile)(file, args, { env: toolEnvironment })).stdout;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`${command.join(' ')} failed: ${stderr || String(error)}`, { cause: error });
  }
}
