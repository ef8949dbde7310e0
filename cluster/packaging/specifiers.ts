import { posix } from 'node:path';

/** A module of a part, as the parts name each other's: `@skiff/api/kinds`. */
const ofPart = /(['"`])@skiff\/([a-z-]+\/[^'"`$\s]+)\1/g;

/** A file beside this one that is named and not imported, so that the compiler leaves it alone. */
const named = /(import\.meta\.resolve\(|new URL\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/** An import in a file that no compiler goes over. */
const imported = /(from |import\()(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/**
 * Rewrites a compiled file (JavaScript or a declaration) so that it finds the others where no workspaces are: parts are named by
 * relative paths, and TypeScript files by what they were compiled to. `path` is the file's own, below the project's root.
 */
export function rewriteSpecifiers(path: string, text: string): string {
  const folder = posix.dirname(path);
  const relative = (target: string): string => {
    const found = posix.relative(folder, target);
    return found.startsWith('.') ? found : `./${found}`;
  };
  return text
    .replace(ofPart, (_match, quote: string, target: string) => `${quote}${relative(target)}.js${quote}`)
    .replace(named, '$1$2$3.js$2')
    .replace(imported, '$1$2$3.js$2');
}
