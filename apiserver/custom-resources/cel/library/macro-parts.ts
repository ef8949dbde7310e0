import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { iterate } from './values.ts';

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

/** `has` for all that has members. */
export const presence = '__has';
/** The indices of a list or the names of a map. */
export const entryKeys = '__keys';
/** A map of names and values. */
export const zip = '__zip';

/** What macros that the engine does not know come down to. */
export function macroParts(environment: Environment): void {
  environment
    .registerFunction(`${entryKeys}(list<T>): list<int>`, (list: Iterable<unknown>) =>
      iterate(list).map((_, index) => BigInt(index)),
    )
    .registerFunction(`${entryKeys}(map<string, T>): list<string>`, (map: ReadonlyMap<string, unknown>) => [
      ...map.keys(),
    ])
    .registerFunction(
      `${zip}(list<string>, list<T>): map<string, T>`,
      (names: Iterable<string>, values: Iterable<unknown>) => {
        const all = iterate(values);
        return new Map(iterate(names).map((name, index) => [name, all[index]]));
      },
    )
    .registerFunction(`${presence}(ast): bool`, ({ args: [member] }: { args: [ASTNode] }) => {
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
