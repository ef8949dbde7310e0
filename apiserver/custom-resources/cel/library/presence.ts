import type { ASTNode, Environment } from '@marcbachmann/cel-js';

/** What the engine hands to macros. */
interface Checker {
  check(node: ASTNode, context: object): unknown;
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: ASTNode, context: object): unknown;
}
interface Macro {
  readonly member: ASTNode;
  readonly of: ASTNode;
}

/** `has` for all that has members: that of the engine knows only variables and members of members of them. */
export const presence = '__has';

export function presences(environment: Environment): void {
  environment.registerFunction(`${presence}(ast): bool`, ({ args: [member] }: { args: [ASTNode] }) => {
    if (member.op !== '.' && member.op !== '.?') throw new Error('invalid argument to has() macro');
    return {
      member,
      of: member.args[0],
      typeCheck(checker: Checker, macro: Macro, context: object): unknown {
        checker.check(macro.member, context);
        return checker.getType('bool');
      },
      evaluate(evaluator: Evaluator, macro: Macro, context: object): boolean {
        evaluator.run(macro.of, context);
        try {
          evaluator.run(macro.member, context);
          return true;
        } catch {
          return false;
        }
      },
    };
  });
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value;

/** A node and all below it, in whatever way its operator holds them. */
function nodesOf(value: unknown): ASTNode[] {
  if (isNode(value)) return [value, ...nodesOf(value.args)];
  return Array.isArray(value) ? value.flatMap(nodesOf) : [];
}

function isPlain(member: ASTNode): boolean {
  let at = member;
  while (at.op === '.' || at.op === '.?') at = at.args[0];
  return at.op === 'id';
}

/** The expression with ours in place of the engine's `has`, where that will not do. */
export function withPresence(expression: string, ast: ASTNode): string {
  const calls = nodesOf(ast).filter(
    ({ op, args }) => op === 'call' && args[0] === 'has' && args[1][0]?.op === '.' && !isPlain(args[1][0]),
  );
  return calls
    .map(({ start }) => start)
    .sort((a, b) => b - a)
    .reduce((text, at) => `${text.slice(0, at)}${presence}${text.slice(at + 'has'.length)}`, expression);
}
