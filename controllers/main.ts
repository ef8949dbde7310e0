import { pino } from 'pino';
import { SupervisedLoadBalancer } from './load-balancer/supervised.ts';
import { ControllerManager } from './manager.ts';

/**
 * The controllers as a process. Configuration: a client's, as JSON in SKIFF_CONFIG. Over IPC it sends `{ type: 'ready' }` when all
 * of them work. It ends with SIGTERM, SIGINT, or when the IPC channel closes.
 */
const logger = pino({ name: 'controllers', level: process.env['SKIFF_LOG_LEVEL'] ?? 'info' });
const loadBalancer = process.send ? new SupervisedLoadBalancer() : undefined;
const manager = new ControllerManager(JSON.parse(process.env['SKIFF_CONFIG'] ?? '{}'), { logger, loadBalancer });

for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) {
  process.once(event, () => void manager.close().then(() => process.exit(0)));
}
await manager.start();
process.send?.({ type: 'ready' });
