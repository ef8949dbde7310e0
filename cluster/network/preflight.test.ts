import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotStart, explain, requireTools } from './preflight.ts';

/** What was seen on machines that refuse, and the words that must be in the answer. */
const refusals = [
  {
    name: 'a container with a seccomp filter',
    failure: { step: 'namespaces', output: 'unshare: unshare failed: Operation not permitted' },
    root: true,
    files: { '/proc/self/status': 'Name:\tnode\nSeccomp:\t2\nSeccomp_filters:\t1' },
    says: /seccomp filter .*--security-opt seccomp=unconfined/,
  },
  {
    name: 'a container with a masked /proc',
    failure: { step: 'mount /proc', output: 'mount: /proc: permission denied.' },
    root: false,
    files: {},
    says: /mount \/proc: .*systempaths=unconfined/,
  },
  {
    name: 'no user namespaces left',
    failure: { step: 'namespaces', output: 'unshare: unshare failed: No space left on device' },
    root: false,
    files: { '/proc/sys/user/max_user_namespaces': '0' },
    says: /sysctl user\.max_user_namespaces/,
  },
  {
    name: 'an old Debian',
    failure: { step: 'namespaces', output: 'unshare: unshare failed: Operation not permitted' },
    root: false,
    files: { '/proc/sys/kernel/unprivileged_userns_clone': '0' },
    says: /sysctl kernel\.unprivileged_userns_clone=1/,
  },
  {
    name: 'Ubuntu with AppArmor',
    failure: { step: 'namespaces', output: 'unshare: write failed /proc/self/uid_map: Operation not permitted' },
    root: false,
    files: { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' },
    says: /AppArmor .*apparmor_restrict_unprivileged_userns=0/,
  },
  {
    name: 'a container without capabilities',
    failure: { step: 'namespaces', output: 'unshare: unshare failed: Operation not permitted' },
    root: true,
    files: {},
    says: /CAP_SYS_ADMIN .*--privileged/,
  },
  {
    name: 'something never seen',
    failure: { step: 'lan', output: 'Error: Unknown device type.' },
    root: true,
    files: {},
    says: /lan: Error: Unknown device type/,
  },
];

for (const { name, failure, root, files, says } of refusals) {
  test(`a failed start is explained on ${name}`, () => {
    const error = explain(failure, { root, file: (path) => new Map(Object.entries(files)).get(path) });
    assert.ok(error instanceof CannotStart);
    assert.match(error.message, says);
    assert.equal(error.message.includes('\n'), false);
  });
}

test('a missing program is named with the package that has it', () => {
  assert.throws(
    () => requireTools('/nonexistent'),
    /no program "unshare" on the PATH\. Install the package util-linux/,
  );
});
