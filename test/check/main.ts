import { spawnSync } from 'node:child_process';
import { docs } from './docs.ts';
import { fileLengths } from './file-length.ts';
import { layering } from './layering.ts';
import { packageManifest } from './package-manifest.ts';
import { projectFiles } from './project-files.ts';

/** `npm run check`: format, lint, types, who may import whom, how long files are, what the documents name. Prints every fault; exits 1 on any. */
const root = `${import.meta.dirname}/../..`;

function command(name: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', name, ...args], { cwd: root, encoding: 'utf8' });
  return status === 0 ? [] : [`${name} ${args.join(' ')}:\n${stdout}${stderr}`];
}

const files = projectFiles(root);
const checks: Record<string, () => string[]> = {
  'format and lint': () => command('biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
  types: () => command('tsc', ['-p', '.']),
  layering: () => layering(files),
  'file length': () => fileLengths(files),
  docs: () => docs(root),
  'package manifest': () => packageManifest(root),
};

for (const [name, check] of Object.entries(checks)) {
  const faults = check();
  console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}
