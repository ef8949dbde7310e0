import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { Attributes } from '../authorization/attributes.ts';
import { impersonated } from './impersonation.ts';

const jane = { name: 'jane', groups: ['system:authenticated'] };

/** Acts with these headers; `allowed` is what jane may impersonate, as `users/joe`. */
function actAs(headers: readonly (readonly [string, string])[], ...allowed: string[]) {
  const request = new IncomingMessage(new Socket());
  for (const [name, value] of headers) {
    request.headersDistinct[name] = [...(request.headersDistinct[name] ?? []), value];
  }
  const authorize = ({ verb, resource }: Attributes) => {
    const what = [resource?.plural, resource?.subresource, resource?.namespace, resource?.name]
      .filter(Boolean)
      .join('/');
    return { allowed: verb === 'impersonate' && allowed.includes(what), reason: '' };
  };
  return impersonated(request, jane, { authorize });
}

test('without the headers everyone is who they are', () => {
  assert.equal(actAs([]), jane);
});

test('one who may acts as another user, with exactly the groups that were asked for', () => {
  const headers = [
    ['impersonate-user', 'joe'],
    ['impersonate-group', 'dev'],
    ['impersonate-group', 'ops'],
    ['impersonate-extra-scopes', 'view'],
  ] as const;
  assert.deepEqual(actAs(headers, 'users/joe', 'groups/dev', 'groups/ops', 'userextras/scopes/view'), {
    name: 'joe',
    groups: ['dev', 'ops', 'system:authenticated'],
    extra: { scopes: ['view'] },
  });
});

test('one who acts as nobody known is among the unauthenticated only', () => {
  const nobody = [['impersonate-user', 'system:anonymous']] as const;
  assert.deepEqual(actAs(nobody, 'users/system:anonymous').groups, ['system:unauthenticated']);
  const joe = [
    ['impersonate-user', 'joe'],
    ['impersonate-group', 'system:unauthenticated'],
  ] as const;
  const allowed = ['users/joe', 'groups/system:unauthenticated'];
  assert.deepEqual(actAs(joe, ...allowed).groups, ['system:unauthenticated']);
});

test('each part must be allowed', () => {
  assert.throws(
    () =>
      actAs(
        [
          ['impersonate-user', 'joe'],
          ['impersonate-group', 'system:masters'],
        ],
        'users/joe',
      ),
    {
      code: 403,
      message:
        'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    },
  );
  assert.throws(() => actAs([['impersonate-group', 'dev']], 'groups/dev'), { code: 500 });
});

test('a service account comes with the groups that its token would have', () => {
  assert.deepEqual(actAs([['impersonate-user', 'system:serviceaccount:a:web']], 'serviceaccounts/a/web').groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:a',
    'system:authenticated',
  ]);
});
