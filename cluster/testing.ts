import './testing/realm.ts';
import './testing/preload.ts';
import { TestCluster, type TestClusterOptions } from './testing/test-cluster.ts';

export type { FailureOptions, FaultOptions, Faults } from './testing/faults.ts';
export type { PodMatch } from './testing/pod-match.ts';
export type { RecordedRequest, RequestLog } from './testing/request-log.ts';
export type { RequestMatch } from './testing/request-match.ts';
export type { SimulatedPods, Undo } from './testing/simulated-pods.ts';
export { TestClock, type TestClockOptions } from './testing/test-clock.ts';
export type { TestNode } from './testing/test-node.ts';
export type { TestCluster, TestClusterOptions };

/**
 * Starts a whole cluster inside this process, for tests: `await using cluster = await startCluster({ nodes: 2 })`. Resolves when
 * the controllers work and every node is Ready. Disposing of it leaves nothing behind.
 */
export function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start(options);
}
