// Runs when the packages are installed: compiles what the parts load, so that the first start is as fast as every other. Once as the
// user, and once as the parts inside the cluster's user namespace, who are root there: Node keeps a folder per user id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { useCompileCache } from './compile-cache.js';

/** Each ends at once, because it isn't told what to do; what it loads first is kept. */
const programs = [
  '@skiff/apiserver/main',
  '@skiff/controllers/main',
  '@skiff/node-agent/main',
  '@skiff/node-agent/programs/cluster-dns',
  '@skiff/cluster/supervisor/main',
  '@skiff/cluster/network/listen-inside-child',
].map((name) => fileURLToPath(import.meta.resolve(name)));

/** What they load later. */
const modules = [
  '@skiff/node-agent/build-agent',
  '@skiff/node-agent/proxy/nftables',
  '@skiff/node-agent/proxy/userspace',
  '@skiff/cluster/cli/main',
  '@skiff/cluster/cli/up',
];
const load = `await Promise.all(${JSON.stringify(modules)}.map((name) => import(name)))`;

const users = process.getuid?.() === 0 ? [[]] : [[], ['unshare', '--user', '--map-root-user']];

/** Whatever fails only makes the first start slower. */
async function run(args) {
  const [program, ...rest] = args;
  const child = spawn(program, rest, { cwd: import.meta.dirname, stdio: 'ignore' });
  await once(child, 'exit').catch(() => undefined);
}

useCompileCache();
for (const user of users) {
  await run([...user, process.execPath, '--input-type=module', '--eval', load]);
  await Promise.all(programs.map((program) => run([...user, process.execPath, program])));
}
