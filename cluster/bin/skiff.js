#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it: where the one that started it can't run TypeScript, the one that npm
// installed beside the project does.
import { spawnSync } from 'node:child_process';
import { createRequire, enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { useCompileCache } from './compile-cache.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

useCompileCache();
if (major > 22 || (major === 22 && minor >= 18)) {
  enableCompileCache?.();
  const { main } = await import('../cli/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = findNode();
  if (node) {
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)];
    process.exitCode = spawnSync(node, args, { stdio: 'inherit' }).status ?? 1;
  } else {
    process.stderr.write(
      `skiff needs Node 22.18 or later, and this is ${process.version}; "npm install node@24" brings one\n`,
    );
    process.exitCode = 1;
  }
}

function findNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    return undefined;
  }
}
