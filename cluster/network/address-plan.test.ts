import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInRange, parseIpv4Range } from '@skiff/api/ip';
import { HOST_PLANS, hostPlan, ownPlan } from './address-plan.ts';
import { MAX_NODES } from './addresses.ts';

/** Load balancers of all clusters are in the first; the machine itself is in the second. */
const others = ['127.18.0.0/16', '127.0.0.0/16'];
const plans = Array.from({ length: HOST_PLANS }, (_, number) => hostPlan(number));

test('the clusters of a host have ranges of their own, of loopback', () => {
  const ranges = [...others, ...plans.flatMap(({ services, pods }) => [services, pods])];
  assert.equal(new Set(ranges).size, ranges.length);
  for (const range of ranges) assert.match(range, /^127\.(\d|[1-9]\d|1\d\d)\.0\.0\/16$/);
});

test('a plan keeps to its ranges, and no address of a node is one of a Pod', () => {
  for (const plan of [ownPlan, ...plans]) {
    const [services, pods] = [plan.services, plan.pods].map(parseIpv4Range);
    assert.ok(services && pods);
    for (const address of [plan.apiService, plan.dns]) assert.ok(isInRange(address, services), address);
    for (const index of [1, 2, MAX_NODES]) {
      const ofNode = parseIpv4Range(plan.podCIDR(index));
      assert.ok(ofNode && isInRange(plan.podCIDR(index).replace('/24', ''), pods));
      for (const other of [1, 2, MAX_NODES]) assert.ok(!isInRange(plan.nodeAddress(other), ofNode));
      assert.ok(!isInRange(plan.apiServer.address, ofNode));
    }
  }
});
