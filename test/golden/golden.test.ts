import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClusterUnderTest } from '../e2e/cluster-under-test.ts';
import { differences } from './differences.ts';

/** Recordings of the real server and the program that replays them; they lie beside the project, and are no part of it. */
const folder = process.env['SKIFF_GOLDEN'] ?? join(import.meta.dirname, '..', '..', '..', 'shared', 'golden');
const program = join(folder, 'golden.mjs');
const leastShare = 0.98;
const timeout = 150_000;

interface Failure {
  readonly case: string;
  readonly step: string;
  readonly diff: readonly string[];
}

/** Replays every case; resolves to how many exchanges there were, and those that came out otherwise. */
function replay(socket: string): Promise<{ total: number; failures: Failure[] }> {
  const scratch = mkdtempSync(join(tmpdir(), 'skiff-golden-'));
  const report = join(scratch, 'report.json');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, 'check', '--socket', socket, '--json', report],
      { timeout },
      (error, stdout) => {
        try {
          const total = Number(/^\d+ of (\d+) exchanges/m.exec(stdout)?.[1]);
          if (!total) throw error ?? new Error(`no result in:\n${stdout}`);
          resolve({ total, failures: JSON.parse(readFileSync(report, 'utf8')) });
        } catch (failed) {
          reject(failed);
        } finally {
          rmSync(scratch, { recursive: true, force: true });
        }
      },
    );
  });
}

const named = ({ case: name, step }: { case: string; step: string }): string => `${name} / ${step}`;

test('exchanges recorded from kube-apiserver go as they were recorded', {
  skip: existsSync(program) ? false : `no recordings at ${folder}`,
  timeout: timeout + 20_000,
}, async (context) => {
  await using cluster = await ClusterUnderTest.up({ user: 'self' }, '--nodes', '0');
  const { total, failures } = await replay(cluster.apiSocket);
  const meant = new Set(differences.map(named));
  for (const failure of failures) {
    const why = differences.find((difference) => named(difference) === named(failure))?.reason;
    context.diagnostic(`${named(failure)}: ${why ?? failure.diff.slice(0, 2).join('; ').slice(0, 300)}`);
  }
  context.diagnostic(`${total - failures.length} of ${total} exchanges as recorded`);
  const failed = new Set(failures.map(named));
  assert.deepEqual(
    [...meant].filter((name) => !failed.has(name)),
    [],
    'listed as different, and are as recorded',
  );
  assert.ok((total - failures.length) / total >= leastShare, `${failures.length} of ${total} exchanges differ`);
});
