import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { addModelDeclarations } from './model-declarations.ts';
import { rewriteSpecifiers } from './specifiers.ts';

const parts = ['api', 'client', 'apiserver', 'controllers', 'node-agent', 'cluster'];

/** Whose modules are for the package's users (exports in package.json). */
const publicParts = ['api/', 'client/'];
const publicModules = ['cluster/testing.ts'];

/** Programs that are started and not imported. */
const programs = [
  'cluster/cli/main.ts',
  'cluster/supervisor/main.ts',
  'cluster/supervisor/keeper-main.ts',
  'cluster/socks/main.ts',
  'apiserver/main.ts',
  'controllers/main.ts',
  'node-agent/main.ts',
];

/** What the parts have beside TypeScript. */
const shipped = /\.([cm]?js|sh|yaml|json)$/;

/** Only for this repository: what builds it, and what its own tests share. */
const notShipped =
  /\.test\.ts$|^[^/]+\/package\.json$|^api\/schema\/generate\.ts$|^cluster\/packaging\/|^cluster\/bin\/warm-up\.js$|(^|\/)testing\/|\/testing\.ts$|\/contract[^/]*\.ts$/;

export interface BuildOptions {
  /** The repository. */
  readonly root: string;
  /** The folder to be made anew. */
  readonly out: string;
}

/**
 * Writes the package's content: what the parts are, as JavaScript with declarations, in the repository's folders. Node does not strip
 * types below node_modules, and there are no workspaces there. Throws with what the compiler says.
 */
export function buildPackage({ root, out }: BuildOptions): void {
  rmSync(out, { recursive: true, force: true });
  const files = parts.flatMap((part) => filesBelow(root, part));
  const modules = entryModules(root, files);
  compile({ root, out, modules });
  for (const path of filesBelow(out, '.')) {
    const file = join(out, path);
    writeFileSync(file, rewriteSpecifiers(path, readFileSync(file, 'utf8')));
  }
  declare(out);
  const others = files.filter((path) => shipped.test(path) && !notShipped.test(path));
  for (const path of [...others, 'examples/quick-start.yaml']) copy(path, { root, out });
}

/** Below a folder, in order, as `client/watch.ts`. */
function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(root, path) : [path];
    })
    .sort();
}

/** The compiler follows imports from these; files that are only named must be said. */
function entryModules(root: string, files: readonly string[]): string[] {
  const typescript = files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !notShipped.test(path));
  const isPublic = (path: string): boolean => publicParts.some((part) => path.startsWith(part));
  const named = typescript.flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const targets = text.matchAll(/(?:import\.meta\.resolve|new URL)\('(\.{1,2}\/[^']+\.ts)'/g);
    return [...targets].map(([, target = '']) => posix.join(posix.dirname(path), target));
  });
  const inPods = typescript.filter((path) => path.startsWith('node-agent/programs/'));
  const ambient = files.filter((path) => path.endsWith('.d.ts'));
  return [...new Set([...programs, ...publicModules, ...typescript.filter(isPublic), ...named, ...inPods, ...ambient])];
}

function compile({ root, out, modules }: BuildOptions & { modules: readonly string[] }): void {
  const project = join(out, 'tsconfig.json');
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      // What Node 22 has: `using` is not among it.
      target: 'es2023',
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      outDir: out,
      // What is found below node_modules would not be compiled.
      paths: { '@skiff/*': [join(root, '*.ts')] },
    },
    files: modules.map((path) => join(root, path)),
  };
  mkdirSync(out, { recursive: true });
  writeFileSync(project, JSON.stringify(config));
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'tsc', '-p', project], {
    cwd: root,
    encoding: 'utf8',
  });
  rmSync(project);
  if (status !== 0) throw new Error(`tsc could not compile the package:\n${stdout}${stderr}`);
}

/** Keeps the declarations that users can reach, and adds those of Kubernetes' types. */
function declare(out: string): void {
  const all = filesBelow(out, '.').filter((path) => path.endsWith('.d.ts'));
  const isPublic = (path: string): boolean =>
    publicParts.some((part) => path.startsWith(part)) || publicModules.includes(path.replace(/\.d\.ts$/, '.ts'));
  const kept = new Map<string, string>();
  const queue = all.filter(isPublic);
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (kept.has(path)) continue;
    const text = readFileSync(join(out, path), 'utf8');
    kept.set(path, text);
    for (const [, target = ''] of text.matchAll(/(?:from |import\()['"](\.{1,2}\/[^'"]+)\.js['"]/g)) {
      queue.push(posix.join(posix.dirname(path), `${target}.d.ts`));
    }
  }
  for (const path of all) if (!kept.has(path)) rmSync(join(out, path));
  for (const [path, text] of addModelDeclarations(out, kept)) writeFileSync(join(out, path), text);
}

function copy(path: string, { root, out }: BuildOptions): void {
  const [from, to] = [join(root, path), join(out, path)];
  mkdirSync(dirname(to), { recursive: true });
  if (!/\.m?js$/.test(path)) {
    copyFileSync(from, to);
    return;
  }
  writeFileSync(to, rewriteSpecifiers(path, readFileSync(from, 'utf8')), { mode: statSync(from).mode });
}
