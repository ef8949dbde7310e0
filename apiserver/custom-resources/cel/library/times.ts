import type { Environment } from '@marcbachmann/cel-js';

/** A time as the language writes it. */
export const timeText = (time: Date): string => time.toISOString().replace(/\.?0*Z$/, 'Z');

/** Conversions of times that belong to the language. */
export function times(environment: Environment): void {
  environment
    .registerFunction('string(google.protobuf.Timestamp): string', timeText)
    .registerFunction('int(google.protobuf.Timestamp): int', (time: Date) => BigInt(Math.floor(time.getTime() / 1000)))
    .registerFunction('string(google.protobuf.Duration): string', (duration: { seconds: bigint; nanos: number }) => {
      return `${Number(duration.seconds) + duration.nanos / 1e9}s`;
    });
}
