import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

const parts = ['api', 'client', 'apiserver', 'controllers', 'node-agent', 'cluster'];

/** Only its declarations are used, and the package has copies of them (cluster/packaging/model-declarations.ts). */
const typesOnly = ['@kubernetes/client-node'];

/** A line for each dependency that the package, which has no workspaces, lists otherwise than the parts do. */
export function packageManifest(root: string): string[] {
  // Written by hand, and checked by npm.
  const read = (path: string): Manifest =>
    JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Manifest;
  const wanted = new Map<string, string>();
  const faults: string[] = [];
  for (const part of parts) {
    for (const [name, version] of Object.entries(read(part).dependencies ?? {})) {
      if (typesOnly.includes(name)) continue;
      if (wanted.get(name) !== undefined && wanted.get(name) !== version)
        faults.push(`${part}/package.json: ${name} ${version}, while another part has ${wanted.get(name)}`);
      wanted.set(name, version);
    }
  }
  const listed = read('.').dependencies ?? {};
  for (const [name, version] of wanted) {
    if (listed[name] !== version) faults.push(`package.json must list ${name} ${version}, as a part does`);
  }
  for (const name of Object.keys(listed)) {
    if (!wanted.has(name)) faults.push(`package.json lists ${name}, which no part does`);
  }
  return faults;
}
