import './own-network.ts';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isOnPath } from '@skiff/cluster/network/preflight';
import { withoutNamespaces } from './without-namespaces.ts';

const skip = isOnPath('perl') ? false : 'wants perl for what refuses namespaces';

test('a test has real nodes where namespaces are refused', { skip }, () => {
  const file = fileURLToPath(import.meta.resolve('@skiff/cluster/testing/real-nodes.test'));
  const [program = '', ...args] = withoutNamespaces([process.execPath, '--test', file]);
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', env, timeout: 120_000 });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /pass 1/);
});
