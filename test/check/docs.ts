import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles } from './project-files.ts';

const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
const parts = ['api', 'client', 'apiserver', 'controllers', 'node-agent', 'cluster', 'test'];
const codeSpan = /`([^`\n]+)`/g;

/**
 * A line for each thing that the documents name and that isn't there, and for each that is there and that they don't name: files, npm scripts,
 * commands of skiff with their flags, dependencies, examples.
 */
export function docs(root: string): string[] {
  const texts = new Map(documents.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
  const readme = texts.get('README.md') ?? '';
  return [
    ...[...texts].flatMap(([name, text]) => [
      ...missingFiles(root, name, text),
      ...missingScripts(root, name, text),
      ...missingConstants(root, name, text),
    ]),
    ...compare('README.md, "Commands"', rows(readme, 'Commands').map(commandOf), commands(root)),
    ...compare('README.md, "Dependencies"', rows(readme, 'Dependencies').map(firstSpan), dependencies(root)),
    ...compare('README.md, "Learn"', rows(readme, 'Learn').map(firstSpan), examples(root)),
  ];
}

/** A code span with a slash that begins with one of our folders, or `.ci`, is a path. */
function missingFiles(root: string, name: string, text: string): string[] {
  const spans = [...text.matchAll(codeSpan)].map(([, span = '']) => span);
  const paths = spans.filter(
    (span) =>
      /^[\w.@/-]+$/.test(span) &&
      [...parts, 'examples', '.ci'].includes(span.split('/')[0] ?? '') &&
      span.includes('/'),
  );
  return paths
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `${name} names ${path}, which is not there`);
}

function missingScripts(root: string, name: string, text: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/npm run (\w+)/g)].map(([, script = '']) => script);
  return named
    .filter((script) => !scripts[script])
    .map((script) => `${name} names npm run ${script}, which is not there`);
}

/** A code span in capitals is a constant of the source. */
function missingConstants(root: string, name: string, text: string): string[] {
  const named = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, constant = '']) => constant);
  const sources = projectFiles(root).map((file) => file.text);
  return named
    .filter((constant) => !sources.some((source) => source.includes(constant)))
    .map((constant) => `${name} names ${constant}, which is not there`);
}

/** The rows of the first table under a heading, without its head. */
function rows(text: string, heading: string): string[] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section.split('\n').filter((line) => line.startsWith('| `'));
}

const firstSpan = (row: string): string => /`([^`]+)`/.exec(row)?.[1] ?? '';

/** `up --name --nodes` of a row. */
function commandOf(row: string): string {
  const flags = [...row.matchAll(/`(--[\w-]+)`/g)].map(([, flag]) => flag);
  return [firstSpan(row).replace(/^skiff /, ''), ...flags.sort()].join(' ');
}

/** The same of what `skiff help` says: a line with name and summary, and one with the flags. */
function commands(root: string): string[] {
  const help = execFileSync(process.execPath, [join(root, 'cluster/bin/skiff.js'), 'help'], { encoding: 'utf8' });
  return [...help.matchAll(/^ {2}([a-z][\w-]*) .*\n {11}(.*)$/gm)].map(([, name = '', flags = '']) =>
    [name, ...(flags.match(/--[a-z][\w-]*/g) ?? []).sort()].join(' '),
  );
}

/** What the parts and the project itself need when a cluster runs or is installed. */
function dependencies(root: string): string[] {
  const files = ['package.json', ...parts.map((part) => `${part}/package.json`)];
  const named = files.flatMap((file) =>
    Object.keys(JSON.parse(readFileSync(join(root, file), 'utf8')).dependencies ?? {}),
  );
  return [...new Set([...named, 'node'])];
}

function examples(root: string): string[] {
  return readFileSync(join(root, 'test/e2e/examples.test.ts'), 'utf8')
    .matchAll(/^ {2}'([\w-]+\.yaml)':/gm)
    .map(([, name]) => `examples/${name}`)
    .toArray();
}

function compare(where: string, named: readonly string[], there: readonly string[]): string[] {
  return [
    ...named.filter((one) => !there.includes(one)).map((one) => `${where} names "${one}", which is not so`),
    ...there.filter((one) => !named.includes(one)).map((one) => `${where} lacks "${one}"`),
  ];
}
