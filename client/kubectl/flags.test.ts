import assert from 'node:assert/strict';
import { it } from 'node:test';
import { bool, FlagError, implied, list, parseFlags, text } from './flags.ts';

const specs = {
  output: text('o'),
  watch: bool('w'),
  stdin: bool('i'),
  tty: bool('t'),
  label: list('L'),
  'dry-run': implied('client', 'none'),
};

it('flags are read in every way that they can be written', () => {
  const cases: [string, object, string[]][] = [
    ['pods -o yaml', { output: 'yaml' }, ['pods']],
    ['-oyaml pods', { output: 'yaml' }, ['pods']],
    ['-o=yaml --watch=false', { output: 'yaml', watch: false }, []],
    ['--output=a=b -w', { output: 'a=b', watch: true }, []],
    ['-it pod -- ls -l', { stdin: true, tty: true }, ['pod', 'ls', '-l']],
    ['-itoyaml', { stdin: true, tty: true, output: 'yaml' }, []],
    ['-L a -Lb --label c', { label: ['a', 'b', 'c'] }, []],
    ['--dry-run pods', { 'dry-run': 'client' }, ['pods']],
    ['--dry-run=server -', { 'dry-run': 'server' }, ['-']],
  ];
  const presets = { watch: false, stdin: false, tty: false, label: [], 'dry-run': 'none' };
  for (const [line, flags, args] of cases) {
    const parsed = parseFlags(line.split(' '), specs);
    assert.deepEqual({ ...parsed.flags }, { ...presets, ...flags }, line);
    assert.deepEqual(parsed.args, args, line);
  }
  assert.equal(parseFlags(['pod', '--', 'ls'], specs).dash, 1);
});

it('flags that are unknown, or lack their value, are named', () => {
  const cases: Record<string, string> = {
    '--nope': 'unknown flag: --nope',
    '-x': "unknown shorthand flag: 'x' in -x",
    '-wx': "unknown shorthand flag: 'x' in -wx",
    '--output': 'flag needs an argument: --output',
    '-o': "flag needs an argument: 'o' in -o",
  };
  for (const [arg, message] of Object.entries(cases)) {
    assert.throws(
      () => parseFlags([arg], specs),
      (error) => error instanceof FlagError && error.message === message,
    );
  }
});

it('flags after the first argument are left to the program that is meant, where a command says so', () => {
  const parsed = parseFlags(['-w', 'ls', '-o'], specs, { interspersed: false });
  assert.deepEqual(parsed.args, ['ls', '-o']);
});
