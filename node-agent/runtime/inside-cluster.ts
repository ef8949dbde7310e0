import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { shellQuote } from './shell-quote.ts';

const marker = 'SKIFF_TEST_INSIDE_CLUSTER';
const namespaces = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];

/**
 * Runs the tests of `file` as its node agent would run: as root of a user namespace with a tmpfs on /run, and again without a user
 * namespace where the tests run as real root. `define` is called inside. `missing` says why they can't run at all here.
 */
export function testInsideCluster(file: string, define: () => void, missing?: string): void {
  if (process.env[marker] !== undefined) {
    define();
    return;
  }
  const ways: [name: string, options: string[]][] = [['an ordinary user namespace', ['--user', '--map-root-user']]];
  if (process.getuid?.() === 0) ways.push(['real root', []]);
  for (const [name, options] of ways) {
    const refused = missing ?? refusal([...options, ...namespaces]);
    test(`inside ${name}`, { skip: refused ?? false }, async () => {
      const before = readFileSync('/proc/self/mounts', 'utf8');
      const run = `mount -t tmpfs tmpfs /run && ip link set lo up && ${shellQuote([process.execPath, '--test-reporter=spec', file])} & wait $!`;
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const child = spawn('unshare', [...options, ...namespaces, 'sh', '-c', run], {
        env: { ...env, [marker]: name },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [output, errors, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      assert.equal(code, 0, `${output}\n${errors}`);
      assert.equal(readFileSync('/proc/self/mounts', 'utf8'), before, 'the mounts outside are as before');
    });
  }
}

/** Why namespaces can't be made here; undefined where they can. */
function refusal(options: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', [...options, 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `namespaces are refused here: ${error?.message ?? stderr.trim()}`;
}
