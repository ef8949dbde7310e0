import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ip from './ip.ts';
import * as names from './names.ts';

const rules: Record<string, { rule: (value: string) => string[]; good: string[]; bad: string[] }> = {
  'an RFC 1123 label': { rule: names.dns1123Label, good: ['a', '1-a'], bad: ['', 'A', '-a', 'a.b', 'a'.repeat(64)] },
  'an RFC 1123 subdomain': { rule: names.dns1123Subdomain, good: ['a.b-c'], bad: ['', 'a..b', 'A', 'a_b'] },
  'an RFC 1035 label': { rule: names.dns1035Label, good: ['a1'], bad: ['1a', 'a.b', ''] },
  'a qualified name': {
    rule: names.qualifiedName,
    good: ['a', 'x.y/A_b.c'],
    bad: ['', '/a', 'x/', 'a/b/c', 'X/a', '-a'],
  },
  'a label value': { rule: names.labelValue, good: ['', 'A.b_c-d'], bad: ['-a', 'a b', 'a'.repeat(64)] },
  'a port name': { rule: names.portName, good: ['http-1'], bad: ['', 'A', '1', 'a--b', '-a', 'a'.repeat(16)] },
  'a config key': { rule: names.configMapKey, good: ['a_B.c'], bad: ['', 'a/b', '.', '..', '..a'] },
  'the prefix of a label': { rule: names.asPrefix(names.dns1123Label), good: ['gen-', 'a'], bad: ['-', 'Gen-'] },
  'an address': { rule: ip.ipAddress, good: ['10.0.0.1', '::1'], bad: ['10.0.0.01', '1.2.3', 'x', 'fe80::1%lo'] },
  'a range': { rule: ip.cidr, good: ['10.0.0.0/8', '::/0'], bad: ['10.0.0.0', '10.0.0.0/33', 'x/8'] },
};
for (const [what, { rule, good, bad }] of Object.entries(rules)) {
  test(`the rule of ${what} accepts and refuses what Kubernetes does`, () => {
    for (const value of good) assert.deepEqual(rule(value), [], value);
    for (const value of bad) assert.notDeepEqual(rule(value), [], value);
  });
}

test('addresses of a range count from its first', () => {
  const range = ip.parseIpv4Range('10.96.0.0/16');
  assert.ok(range);
  assert.equal(ip.numberToIpv4(range.first + 257), '10.96.1.1');
  assert.equal(ip.isInRange('10.96.255.255', range), true);
  assert.equal(ip.isInRange('10.97.0.0', range), false);
});
