import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestInfo } from './request-info.ts';

/** `verb group/version namespace resource/subresource name`, with `-` for what is empty. */
function read(line: string): string {
  const [method = '', url = ''] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  const info = requestInfo(method, path, new URLSearchParams(query));
  if (!info.isResource) return `${info.verb} path`;
  const { verb, group, version, namespace, resource, subresource, name } = info;
  return [verb, `${group || '-'}/${version}`, namespace || '-', `${resource}/${subresource || '-'}`, name || '-'].join(
    ' ',
  );
}

const table: Record<string, string> = {
  'GET /api/v1/pods': 'list -/v1 - pods/- -',
  'GET /api/v1/namespaces/n/pods?watch=1': 'watch -/v1 n pods/- -',
  'GET /api/v1/namespaces/n/pods?watch=false': 'list -/v1 n pods/- -',
  'GET /api/v1/namespaces/n/pods/p?watch=1': 'get -/v1 n pods/- p',
  'GET /api/v1/watch/pods': 'watch -/v1 - pods/- -',
  'GET /api/v1/watch/namespaces/n/pods': 'watch -/v1 n pods/- -',
  'GET /apis/apps/v1/watch/namespaces/n/deployments/d': 'watch apps/v1 n deployments/- d',
  'GET /api/v1/watch/namespaces/n': 'watch -/v1 n namespaces/- n',
  'POST /api/v1/watch/pods': 'post path',
  'POST /apis/apps/v1/namespaces/n/deployments': 'create apps/v1 n deployments/- -',
  'PUT /apis/apps/v1/namespaces/n/deployments/d/scale': 'update apps/v1 n deployments/scale d',
  'PATCH /api/v1/nodes/x/status': 'patch -/v1 - nodes/status x',
  'DELETE /api/v1/namespaces/n/pods': 'deletecollection -/v1 n pods/- -',
  'DELETE /api/v1/namespaces/n/pods/p': 'delete -/v1 n pods/- p',
  'GET /api/v1/namespaces': 'list -/v1 - namespaces/- -',
  'GET /api/v1/namespaces/n': 'get -/v1 n namespaces/- n',
  'PUT /api/v1/namespaces/n/finalize': 'update -/v1 n namespaces/finalize n',
  'GET /api/v1/namespaces/n/pods/p%2Fq': 'get -/v1 n pods/- p/q',
  'GET /api/v1': 'get path',
  'GET /apis/apps': 'get path',
  'GET /version': 'get path',
  'OPTIONS /api/v1/pods': 'options path',
  'GET /api/v1/pods/%zz': 'get path',
};
for (const [line, expected] of Object.entries(table)) {
  test(`${line} is "${expected}"`, () => assert.equal(read(line), expected));
}
