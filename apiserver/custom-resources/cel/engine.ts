import { createRequire } from 'node:module';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { registerLibrary } from './library.ts';

let base: Environment | undefined;

/**
 * The Common Expression Language with what Kubernetes adds to it, and nothing else of the cluster. It is loaded when the first rule
 * comes up, which in most clusters is never.
 */
export function newEnvironment(): Environment {
  if (!base) {
    const { Environment: Base, Optional }: typeof import('@marcbachmann/cel-js') = createRequire(import.meta.url)(
      '@marcbachmann/cel-js',
    );
    base = new Base({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
    registerLibrary(base, Optional);
  }
  return base.clone();
}

let parseDuration: ParseResult | undefined;

/** A duration as expressions have it. Throws where the text is none. */
export function durationOf(text: string): unknown {
  parseDuration ??= newEnvironment().registerVariable('text', 'string').parse('duration(text)');
  return parseDuration({ text });
}
