import { spawn } from 'node:child_process';

/** `npm test`: every `*.test.ts` of every part, or those of the patterns given. */
const parts = ['api', 'client', 'apiserver', 'controllers', 'node-agent', 'cluster', 'test'];
const patterns = process.argv.slice(2);
const files = patterns.length > 0 ? patterns : parts.map((part) => `${part}/**/*.test.ts`);

const child = spawn(process.execPath, ['--test', '--test-concurrency=3', '--test-timeout=180000', ...files], {
  cwd: `${import.meta.dirname}/..`,
  stdio: 'inherit',
});
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
