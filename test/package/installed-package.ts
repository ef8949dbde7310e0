import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

/** Somebody else's project, which has installed what `npm pack` makes of this one, and nothing else. */
export class InstalledPackage implements AsyncDisposable {
  readonly folder: string;
  /** Bytes of the file that is downloaded. */
  readonly packedBytes: number;
  readonly installMs: number;
  readonly #parent: string;

  private constructor(parts: { parent: string; folder: string; packedBytes: number; installMs: number }) {
    this.#parent = parts.parent;
    this.folder = parts.folder;
    this.packedBytes = parts.packedBytes;
    this.installMs = parts.installMs;
  }

  /** Packs and installs. Resolves with why not where npm can't reach its registry and has not all in its cache. */
  static async create(): Promise<InstalledPackage | { readonly offline: string }> {
    const parent = mkdtempSync(join(tmpdir(), 'skiff-package-'));
    const folder = join(parent, 'app');
    const tarball = await pack(parent);
    writeFileSync(join(parent, 'package.json'), '{}');
    const began = performance.now();
    try {
      await npm(['install', '--prefix', folder, tarball], parent);
    } catch (error) {
      rmSync(parent, { recursive: true, force: true });
      const offline = networkFailure(error);
      if (offline) return { offline };
      throw error;
    }
    const packedBytes = statSync(tarball).size;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...(await manifest(folder)), type: 'module' }));
    return new InstalledPackage({ parent, folder, packedBytes, installMs: performance.now() - began });
  }

  /** Bytes on disk, with all that it depends on. */
  get installedBytes(): number {
    return bytesBelow(join(this.folder, 'node_modules'));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Copies a folder into the project. */
  copy(folder: string): void {
    cpSync(folder, join(this.folder, basename(folder)), { recursive: true });
  }

  /** Installs more beside it, as a user would. */
  async install(...packages: string[]): Promise<{ readonly offline?: string }> {
    try {
      await npm(['install', '--prefix', this.folder, ...packages], this.folder);
      return {};
    } catch (error) {
      const offline = networkFailure(error);
      if (offline) return { offline };
      throw error;
    }
  }

  /** Runs a program there; resolves with what it wrote. Its PATH begins with the folder of the Node that runs the tests. */
  async run(program: string, ...args: string[]): Promise<string> {
    const { stdout, stderr } = await run(program, args, {
      cwd: this.folder,
      env: { ...environment(), NO_COLOR: '1' },
      timeout: 120_000,
    });
    return stdout + stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

async function pack(destination: string): Promise<string> {
  // `prepare` has run when the repository was installed.
  await run(process.execPath, [join(root, 'cluster', 'packaging', 'main.ts')], { cwd: root });
  const { stdout } = await npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', destination], root);
  return join(destination, stdout.trim().split('\n').at(-1) ?? '');
}

function npm(args: readonly string[], cwd: string) {
  return run('npm', ['--no-audit', '--no-fund', '--prefer-offline', ...args], { cwd, env: environment() });
}

/** Not that of `npm test`, whose PATH knows this repository's programs. */
function environment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|INIT_CWD)/i.test(name));
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(entries), PATH: [dirname(process.execPath), ...path].join(delimiter) };
}

function networkFailure(error: unknown): string | undefined {
  return /E(AI_AGAIN|NOTFOUND|CONNREFUSED|TIMEDOUT|NOTCACHED|CONNRESET)\b/.exec(String(error))?.[0];
}

async function manifest(folder: string): Promise<object> {
  const { readFile } = await import('node:fs/promises');
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return bytesBelow(path);
      return entry.isFile() ? statSync(path).size : 0;
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}
