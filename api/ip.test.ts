import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSubnet } from './ip.ts';

test('a range is a subnet of another one that is larger and holds it', () => {
  assert.ok(isSubnet('10.1.2.0/24', '10.0.0.0/8'));
  assert.ok(isSubnet('10.1.2.3/32', '0.0.0.0/0'));
  assert.ok(isSubnet('2001:db8:0:1::/64', '2001:db8::/32'));
  assert.ok(isSubnet('::ffff:10.0.0.0/112', '::/0'));
  assert.ok(!isSubnet('10.0.0.0/8', '10.0.0.0/8'));
  assert.ok(!isSubnet('10.0.0.0/8', '10.1.0.0/16'));
  assert.ok(!isSubnet('11.1.2.0/24', '10.0.0.0/8'));
  assert.ok(!isSubnet('2001:db9::/64', '2001:db8::/32'));
  assert.ok(!isSubnet('10.1.2.0/24', '2001:db8::/32'));
});
