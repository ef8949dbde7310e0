import { fstatSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { CustomResourceDefinition } from '@skiff/api/types';
import { parseAllDocuments } from 'yaml';
import { RemoteControl } from '../testing/remote-control.ts';
import { startCluster, type TestClusterOptions } from '../testing.ts';
import { UsageError } from './options.ts';

/** How often it is looked whether the parent still lives, in milliseconds. */
const PARENT_MS = 250;

/**
 * `skiff test-server`: what `startCluster` is to tests in JavaScript, to tests in any language. Prints one JSON line when the cluster is
 * ready; then takes calls (RemoteControl), a JSON line each on standard input, and answers each with a line. Ends when standard input
 * closes, if that is a pipe, when its parent dies, or with SIGTERM.
 */
export async function testServer(args: readonly string[]): Promise<number> {
  const { options, kubeconfig } = parse(args);
  const parent = process.ppid;
  await using cluster = await startCluster(options);
  const path = cluster.writeKubeconfig(kubeconfig);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(JSON.stringify({ url: cluster.url, kubeconfig: path, pid: process.pid, nodes: [...cluster.nodes.keys()] }));
  const control = new RemoteControl(cluster);
  const lines = createInterface(process.stdin);
  // One after the other, so that answers come in order.
  let last = Promise.resolve();
  lines.on('line', (line) => {
    if (line.trim() !== '') last = last.then(async () => say(await control.answer(line)));
  });
  await ended(parent, lines);
  lines.close();
  return 0;
}

function ended(parent: number, lines: NodeJS.EventEmitter): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const orphaned = setInterval(() => process.ppid !== parent && resolve(), PARENT_MS);
  const end = (): void => resolve();
  process.once('SIGTERM', end).once('SIGINT', end);
  // A shell gives programs in the background /dev/null, whose end means nothing.
  const { isFIFO, isSocket } = kindOfInput();
  if (isFIFO || isSocket) lines.once('close', end);
  // Nobody reads the answers any more.
  process.stdout.once('error', end);
  return promise.finally(() => {
    clearInterval(orphaned);
    process.off('SIGTERM', end).off('SIGINT', end);
  });
}

function kindOfInput(): { isFIFO: boolean; isSocket: boolean } {
  try {
    const stat = fstatSync(0);
    return { isFIFO: stat.isFIFO(), isSocket: stat.isSocket() };
  } catch {
    return { isFIFO: false, isSocket: false };
  }
}

const flags = {
  nodes: { type: 'string', default: '1' },
  'no-controllers': { type: 'boolean', default: false },
  crds: { type: 'string', multiple: true, default: [] as string[] },
  from: { type: 'string' },
  kubeconfig: { type: 'string' },
} as const;

function parse(args: readonly string[]): { options: TestClusterOptions; kubeconfig: string | undefined } {
  const { nodes, crds, from, kubeconfig, ...values } = valuesOf(args);
  if (!/^\d+$/.test(nodes) || Number(nodes) > 250)
    throw new UsageError(`--nodes "${nodes}" must be a number from 0 to 250`);
  return {
    kubeconfig,
    options: {
      nodes: Number(nodes),
      controllers: !values['no-controllers'],
      crds: crds.flatMap(definitionsOf),
      ...(from !== undefined && { from: readFileSync(from) }),
    },
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The definitions in a file of YAML documents or JSON; others are passed over, as kubebuilder's files have them. */
function definitionsOf(path: string): CustomResourceDefinition[] {
  return parseAllDocuments(readFileSync(path, 'utf8'))
    .map((document): unknown => document.toJS())
    .filter(isDefinition);
}

/** The server validates it. */
function isDefinition(value: unknown): value is CustomResourceDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'CustomResourceDefinition';
}
