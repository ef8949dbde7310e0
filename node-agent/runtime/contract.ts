import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerConfig, ContainerRuntime, ContainerStatus } from './runtime.ts';
import { StartError } from './runtime.ts';

/** What the contract suite needs of an implementation. */
export interface RuntimeHarness {
  open(): Promise<ContainerRuntime>;
  /** A node agent that restarts: `old` is closed, and what is returned must find its Pods. */
  reopen(old: ContainerRuntime): Promise<ContainerRuntime>;
  readonly programs: Programs;
}

/** Arguments of programs that behave as their name says. Those that run say `ready` when they are. */
export interface Programs {
  readonly exits: (code: number, output: string) => readonly string[];
  readonly runs: readonly string[];
  readonly exitsOnTerm: (code: number) => readonly string[];
  readonly ignoresTerm: readonly string[];
  readonly notThere: readonly string[];
  /** Prints its input in capitals and exits with 5. */
  readonly shouts: readonly string[];
}

export const hostPrograms: Programs = {
  exits: (code, output) => ['sh', '-c', `echo "${output}"; exit ${code}`],
  runs: ['sh', '-c', 'trap "exit 143" TERM; echo ready; sleep 1000 & wait'],
  exitsOnTerm: (code) => ['sh', '-c', `trap "exit ${code}" TERM; echo ready; sleep 1000 & wait`],
  ignoresTerm: ['sh', '-c', 'trap "" TERM; echo ready; sleep 1000'],
  notThere: ['no-such-program'],
  shouts: ['sh', '-c', 'tr a-z A-Z; exit 5'],
};

/** Polls until the condition holds; fails with what was last seen. */
export async function eventually<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  within = 15_000,
): Promise<T> {
  const deadline = Date.now() + within;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) assert.fail(`not within ${within} ms; last seen: ${JSON.stringify(value)}`);
    await delay(10);
  }
}

/** The promises of ContainerRuntime, as tests. */
export function testContainerRuntime(name: string, harness: RuntimeHarness): void {
  describe(`${name}: the ContainerRuntime contract`, () => {
    const { programs } = harness;
    let runtime: ContainerRuntime;
    let folder: string;
    let sandboxId = '';
    let count = 0;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'skiff-runtime-'));
      runtime = await harness.open();
    });
    after(async () => {
      for (const { id } of await runtime.listPodSandboxes()) await runtime.removePodSandbox(id);
      await runtime.close();
      await rm(folder, { recursive: true });
    });
    beforeEach(async () => {
      // Plain processes are known by it to the whole machine.
      sandboxId = `uid-${process.pid}-${count++}`;
      await runtime.runPodSandbox(sandbox(sandboxId));
    });

    const logPath = (): string => join(folder, sandboxId, 'main', '0.log');
    const config = (args: readonly string[], more: Partial<ContainerConfig> = {}): ContainerConfig => ({
      name: 'main',
      attempt: 0,
      image: { type: 'host', id: 'host', programs: [] },
      args,
      env: {},
      mounts: [],
      logPath: logPath(),
      ...more,
    });
    const start = async (args: readonly string[], more: Partial<ContainerConfig> = {}): Promise<string> => {
      const id = await runtime.createContainer(sandboxId, config(args, more));
      await runtime.startContainer(id);
      return id;
    };
    /** Starts one of the programs that run, and waits until it handles signals. */
    const run = async (args: readonly string[], more: Partial<ContainerConfig> = {}): Promise<string> => {
      const id = await start(args, more);
      const log = more.logPath ?? logPath();
      await eventually(
        () => readFile(log, 'utf8').catch(() => ''),
        (written) => written.includes('ready'),
      );
      return id;
    };
    const exited = (id: string): Promise<ContainerStatus | undefined> =>
      eventually(
        () => runtime.containerStatus(id),
        (status) => status?.state === 'exited',
      );

    test('a sandbox is ready when it runs, not ready when stopped, gone when removed; each may be repeated', async () => {
      const id = 'uid-again';
      const first = await runtime.runPodSandbox(sandbox(id));
      assert.deepEqual(await runtime.runPodSandbox(sandbox(id)), first);
      assert.equal(first.state, 'ready');
      const find = async (): Promise<string | undefined> =>
        (await runtime.listPodSandboxes()).find((one) => one.id === id)?.state;
      assert.equal(await find(), 'ready');
      for (let time = 0; time < 2; time++) await runtime.stopPodSandbox(id);
      assert.equal(await find(), 'notReady');
      for (let time = 0; time < 2; time++) await runtime.removePodSandbox(id);
      assert.equal(await find(), undefined);
    });

    test('a container that ends is listed with its exit code and times, and its log is complete', async () => {
      const changed = new Set<string>();
      const stop = runtime.onChange((id) => changed.add(id));
      const id = await start(programs.exits(3, 'some words'));
      assert.equal(id, `${sandboxId}/main/0`);
      const status = await exited(id);
      assert.equal(status?.exitCode, 3);
      assert.equal(status?.reason, 'Error');
      assert.ok(
        status?.startedAt !== undefined && status.startedAt <= (status.finishedAt ?? ''),
        JSON.stringify(status),
      );
      assert.match(await readFile(logPath(), 'utf8'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F some words\n$/);
      await eventually(
        () => [...changed],
        (ids) => ids.includes(id),
      );
      stop();
    });

    test('a container that ends well is Completed', async () => {
      const id = await start(programs.exits(0, ''));
      assert.equal((await exited(id))?.reason, 'Completed');
    });

    test('creating and starting may be repeated, and make one container', async () => {
      const id = await run(programs.runs);
      const before = await runtime.containerStatus(id);
      assert.equal(before?.state, 'running');
      assert.equal(await runtime.createContainer(sandboxId, config(programs.runs)), id);
      await runtime.startContainer(id);
      assert.deepEqual(await runtime.containerStatus(id), before);
      assert.equal((await runtime.listContainers(sandboxId)).length, 1);
    });

    test('a program that is not there is a StartError, and the container is listed as one that cannot run', async () => {
      const id = await runtime.createContainer(sandboxId, config(programs.notThere));
      await assert.rejects(runtime.startContainer(id), StartError);
      await assert.rejects(runtime.startContainer(id), StartError, 'when repeated');
      const status = await runtime.containerStatus(id);
      assert.deepEqual([status?.state, status?.exitCode, status?.reason], ['exited', 128, 'ContainerCannotRun']);
      assert.match(status?.message ?? '', /not found/);
    });

    test('a container can only be created in a sandbox that is ready', async () => {
      await runtime.stopPodSandbox(sandboxId);
      await assert.rejects(runtime.createContainer(sandboxId, config(programs.runs)), /not ready/);
    });

    test('stopping sends TERM, and resolves when the program has ended in its own way', async () => {
      const id = await run(programs.exitsOnTerm(7));
      await runtime.stopContainer(id, { graceMs: 10_000 });
      const status = await runtime.containerStatus(id);
      assert.deepEqual([status?.state, status?.exitCode], ['exited', 7]);
      await runtime.stopContainer(id, { graceMs: 10_000 });
    });

    test('a program that ignores TERM is killed after the grace period', async () => {
      const id = await run(programs.ignoresTerm);
      await runtime.stopContainer(id, { graceMs: 50 });
      const status = await runtime.containerStatus(id);
      assert.deepEqual([status?.state, status?.exitCode, status?.reason], ['exited', 137, 'Error']);
    });

    test('stopping a sandbox ends its containers, removing it removes them and keeps the logs', async () => {
      const id = await run(programs.ignoresTerm);
      await runtime.stopPodSandbox(sandboxId);
      assert.equal((await runtime.containerStatus(id))?.state, 'exited');
      await runtime.removePodSandbox(sandboxId);
      assert.equal(await runtime.containerStatus(id), undefined);
      assert.deepEqual(await runtime.listContainers(sandboxId), []);
    });

    test('a running container can be removed, and what is gone may be removed and stopped again', async () => {
      const id = await start(programs.exits(0, 'kept'));
      await exited(id);
      for (let time = 0; time < 2; time++) await runtime.removeContainer(id);
      assert.equal(await runtime.containerStatus(id), undefined);
      await runtime.stopContainer(id, { graceMs: 0 });
      assert.ok(existsSync(logPath()));
      const again = await run(programs.runs, { attempt: 1 });
      await runtime.removeContainer(again);
      assert.deepEqual(await runtime.listContainers(sandboxId), []);
    });

    test('containers go on without the node agent, and one that starts later finds them and how they ended', async () => {
      const id = await run(programs.exitsOnTerm(4));
      const ending = await start(programs.exits(9, 'bye'), { name: 'other', logPath: join(folder, 'other.log') });
      runtime = await harness.reopen(runtime);
      assert.equal((await runtime.containerStatus(id))?.state, 'running');
      assert.equal((await exited(ending))?.exitCode, 9);
      const changed = new Set<string>();
      runtime.onChange((one) => changed.add(one));
      await runtime.stopContainer(id, { graceMs: 10_000 });
      assert.equal((await runtime.containerStatus(id))?.exitCode, 4);
      await eventually(
        () => [...changed],
        (ids) => ids.includes(id),
      );
    });

    test('exec runs a command with input, output and an exit code', async () => {
      const id = await run(programs.runs);
      const session = await runtime.exec(id, { command: programs.shouts, stdin: true });
      session.stdin?.end('words\n');
      assert.equal(await text(session.stdout), 'WORDS\n');
      assert.equal(await session.exitCode, 5);
    });

    test('attach shows what a container says, and ends with it', async () => {
      const id = await run(programs.exitsOnTerm(6));
      const session = await runtime.attach(id, {});
      const said = text(session.stdout);
      await runtime.stopContainer(id, { graceMs: 10_000 });
      await said;
      assert.equal(await session.exitCode, 0);
      await assert.rejects(runtime.attach(id, {}), /not running/);
    });

    test('attach ends when it is given up, and the container goes on', async () => {
      const id = await run(programs.runs);
      const abort = new AbortController();
      const session = await runtime.attach(id, { signal: abort.signal });
      abort.abort();
      await session.exitCode;
      assert.equal((await runtime.containerStatus(id))?.state, 'running');
    });

    test('exec in a container that does not run is refused', async () => {
      const id = await runtime.createContainer(sandboxId, config(programs.runs));
      await assert.rejects(runtime.exec(id, { command: programs.shouts }), /not running/);
    });
  });
}

export function sandbox(id: string): Parameters<ContainerRuntime['runPodSandbox']>[0] {
  return {
    id,
    podUid: id,
    namespace: 'default',
    name: 'a-pod',
    hostname: 'a-pod',
    networkNamespace: '/proc/self/ns/net',
  };
}
