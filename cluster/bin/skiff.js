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
  const node = createRequire(import.meta.url).resolve('node/bin/node');
  const { status } = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
