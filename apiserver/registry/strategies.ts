import type { Kind } from '@skiff/api/kinds';
import type { Strategy } from './strategy.ts';
export function createStrategies(_options: object): (kind: Kind) => Strategy {
  return () => ({});
}
