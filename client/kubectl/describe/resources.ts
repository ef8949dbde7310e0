import { byBytes } from '../print/go-json.ts';
import type { Lines } from './lines.ts';

/** `Limits:` and `Requests:` of a container, a resource a line. */
export function describeRequirements(
  lines: Lines,
  requirements: { limits?: Record<string, string>; requests?: Record<string, string> } | undefined,
): void {
  for (const [title, amounts] of [
    ['Limits', requirements?.limits],
    ['Requests', requirements?.requests],
  ] as const) {
    if (!amounts || Object.keys(amounts).length === 0) continue;
    lines.add(`${title}:`, 2);
    for (const [name, amount] of Object.entries(amounts).toSorted(([a], [b]) => byBytes(a, b))) {
      lines.add(`${name}:\t${amount}`, 3);
    }
  }
}
