import type { ASTNode } from '@marcbachmann/cel-js';
import { stringFormats } from '../schema/formats.ts';
import { patternOf } from '../schema/pattern.ts';
import { durationOf } from './engine.ts';
import { nodesOf } from './macros.ts';

function isDuration(text: string): boolean {
  try {
    durationOf(text);
    return true;
  } catch {
    return false;
  }
}

/** What the texts must be that are written down as arguments of these. */
const judges: Readonly<Record<string, (text: string) => boolean>> = {
  matches: (text) => patternOf(text) !== undefined,
  duration: isDuration,
  timestamp: (text) => stringFormats['date-time']?.(text) ?? false,
};

/**
 * Why an expression that the engine takes is none, or would fail whatever it is about (upstream: cel-go/cel/validator.go); undefined of
 * others.
 */
export function senselessness(ast: ASTNode): string | undefined {
  for (const node of nodesOf(ast)) {
    if (node.op !== 'call' && node.op !== 'rcall') continue;
    const name = node.args[0];
    // `cel.bind` is not of the language that Kubernetes has.
    if (node.op === 'rcall' && node.args[1].op === 'id' && node.args[1].args === 'cel') {
      return "undeclared reference to 'cel'";
    }
    const args = node.op === 'call' ? node.args[1] : node.args[2];
    const text = args.at(-1);
    const judge = Object.hasOwn(judges, name) ? judges[name] : undefined;
    if (!judge || text?.op !== 'value' || typeof text.args !== 'string') continue;
    if (!judge(text.args)) return `invalid ${name} argument`;
  }
  return undefined;
}
