export { type Clock, systemClock } from '@skiff/api/clock';

/** Times of Kubernetes' API: RFC 3339 in whole seconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
