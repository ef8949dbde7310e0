import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the package keeps the declarations of Kubernetes' types, so that it needs no 65 MB of packages for them. */
const folder = 'api/kubernetes';

const source = dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node')));

const notice = `The declarations in this folder are those of @kubernetes/client-node (https://github.com/kubernetes-client/javascript),
Copyright The Kubernetes Authors, licensed under the Apache License, Version 2.0.
`;

/** The declarations of the official client's models that these declarations name, and those that they name in turn. */
export function addModelDeclarations(out: string, declarations: ReadonlyMap<string, string>): Map<string, string> {
  const wanted = new Set<string>();
  const rewritten = new Map<string, string>();
  const imports = /(import(?: type)? \{([^}]*)\} from )(['"])@kubernetes\/client-node\3/g;
  for (const [path, text] of declarations) {
    const target = posix.relative(posix.dirname(path), `${folder}/types.js`);
    const replaced = text.replace(imports, (_match, head: string, names: string) => {
      for (const name of names.split(','))
        wanted.add(
          name
            .replace(/ as .*/, '')
            .replace('type ', '')
            .trim(),
        );
      return `${head}'${target.startsWith('.') ? target : `./${target}`}'`;
    });
    rewritten.set(path, replaced);
  }
  copyClosure(out, [...wanted].filter(Boolean));
  return rewritten;
}

function copyClosure(out: string, names: readonly string[]): void {
  const models = join(source, 'gen', 'models');
  mkdirSync(join(out, folder, 'models'), { recursive: true });
  const done = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (done.has(name)) continue;
    done.add(name);
    const text = readFileSync(join(models, `${name}.d.ts`), 'utf8');
    writeFileSync(join(out, folder, 'models', `${name}.d.ts`), text.replaceAll("'../../types.js'", "'../scalars.js'"));
    for (const [, model = ''] of text.matchAll(/from '\.\.\/models\/(\w+)\.js'/g)) queue.push(model);
  }
  const lines = [...names].sort().map((name) => `export { ${name} } from './models/${name}.js';\n`);
  writeFileSync(join(out, folder, 'types.d.ts'), lines.join(''));
  writeFileSync(join(out, folder, 'scalars.d.ts'), scalars);
  writeFileSync(join(out, folder, 'NOTICE'), notice);
  copyFileSync(join(source, '..', 'LICENSE'), join(out, folder, 'LICENSE'));
}

/** What the models import beside each other. */
const scalars = `export type IntOrString = number | string;
export declare class V1MicroTime extends Date {
    toISOString(): string;
}
`;
