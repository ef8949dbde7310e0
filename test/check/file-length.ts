import type { ProjectFile } from './project-files.ts';

const most = 400;

/** Files over 400 lines that have a reason to be, each with the reason. */
const reasons: Readonly<Record<string, string>> = {};

/** A line for each file that is longer than 400 lines without a listed reason, and for each reason that is out of date. */
export function fileLengths(files: readonly ProjectFile[]): string[] {
  const long = files.filter(({ path, text }) => !path.endsWith('.test.ts') && text.split('\n').length - 1 > most);
  const unexplained = long.filter(({ path }) => !reasons[path]);
  const stale = Object.keys(reasons).filter((path) => !long.some((file) => file.path === path));
  return [
    ...unexplained.map(({ path }) => `${path} is over ${most} lines: is there a second concept in it?`),
    ...stale.map((path) => `${path} is listed as over ${most} lines and is not`),
  ];
}
