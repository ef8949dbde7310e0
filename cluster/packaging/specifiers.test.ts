import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteSpecifiers } from './specifiers.ts';

const cases: readonly [path: string, before: string, after: string][] = [
  ['cluster/testing.js', `from '@skiff/api/kinds'`, `from '../api/kinds.js'`],
  ['cluster/testing/faults.js', `from "@skiff/client/client"`, `from "../../client/client.js"`],
  ['cluster/testing.js', `import('@skiff/cluster/cli/up')`, `import('./cli/up.js')`],
  ['cluster/bin/skiff.js', `await import('../cli/main.ts')`, `await import('../cli/main.js')`],
  ['cluster/network/listen.js', `import.meta.resolve('./child.ts')`, `import.meta.resolve('./child.js')`],
  ['cluster/x.js', `new URL('./main.ts', import.meta.url)`, `new URL('./main.js', import.meta.url)`],
  ['api/x.d.ts', `import type { A } from '../api/meta.ts'`, `import type { A } from '../api/meta.js'`],
  ['api/x.js', `it says "@skiff/" and 'x.ts'`, `it says "@skiff/" and 'x.ts'`],
];

for (const [path, before, after] of cases) {
  test(`in ${path}: ${before}`, () => assert.equal(rewriteSpecifiers(path, before), after));
}
