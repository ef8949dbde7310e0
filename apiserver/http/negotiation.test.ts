import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate, wantsPretty } from './negotiation.ts';

const views = ['object', 'table', 'partial'] as const;
const kubectl =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

const table: Record<string, string> = {
  '': 'json object',
  '*/*': 'json object',
  'application/yaml': 'yaml object',
  'image/png, application/json;q=0.5': 'json object',
  'application/yaml;q=0.1, application/json': 'json object',
  'application/vnd.kubernetes.protobuf,application/json': 'json object',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io': 'json partial',
  [kubectl]: 'json table',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io': 'json table',
};
for (const [accept, expected] of Object.entries(table)) {
  test(`Accept "${accept}" gives ${expected}`, () => {
    const { encoding, as } = negotiate(accept || undefined, views);
    assert.equal(`${encoding} ${as}`, expected);
  });
}

for (const accept of [
  'image/png',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v9;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
]) {
  test(`Accept "${accept}" is refused with 406`, () => assert.throws(() => negotiate(accept, views), { code: 406 }));
}

test('people get indented answers', () => {
  assert.equal(wantsPretty(new URLSearchParams(), 'curl/8.0'), true);
  assert.equal(wantsPretty(new URLSearchParams('pretty=false'), 'curl/8.0'), false);
  assert.equal(wantsPretty(new URLSearchParams('pretty=true'), 'kubectl/1.36'), true);
  assert.equal(wantsPretty(new URLSearchParams(), 'kubectl/1.36'), false);
});
