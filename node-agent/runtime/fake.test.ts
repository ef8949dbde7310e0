import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Programs, sandbox, testContainerRuntime } from './contract.ts';
import { FakeRuntime } from './fake.ts';

const ready = { output: ['ready'] };

const programs: Programs = {
  exits: (code, output) => ['exits', String(code), output],
  runs: ['runs'],
  exitsOnTerm: (code) => ['exitsOnTerm', String(code)],
  ignoresTerm: ['ignoresTerm'],
  notThere: ['notThere'],
  shouts: ['shouts'],
};

testContainerRuntime('fake', {
  programs,
  open: async () =>
    new FakeRuntime({
      program: ({ args: [verb, code, output = ''] }) => {
        if (verb === 'exits') return { exitCode: Number(code), output: [output] };
        if (verb === 'exitsOnTerm') return { ...ready, onTerm: Number(code) };
        if (verb === 'ignoresTerm') return { ...ready, onTerm: 'ignored' };
        return verb === 'notThere' ? { startError: 'executable file not found' } : ready;
      },
      exec: (_id, _command, stdin) => ({ stdout: stdin.toUpperCase(), exitCode: 5 }),
    }),
  reopen: async (old) => {
    await old.close();
    return old;
  },
});

test('the fake ends a container when the test says so', async () => {
  const runtime = new FakeRuntime();
  await runtime.runPodSandbox(sandbox('one'));
  const image = { type: 'host', id: 'host', programs: [] } as const;
  const logPath = '/dev/null';
  const id = await runtime.createContainer('one', {
    name: 'main',
    attempt: 0,
    image,
    args: ['x'],
    env: {},
    mounts: [],
    logPath,
  });
  await runtime.startContainer(id);
  runtime.exit(id, 12);
  assert.equal((await runtime.containerStatus(id))?.exitCode, 12);
});

test('a sandbox that the test refuses can be made once it has changed its mind, and its Pod is looked at anew', async () => {
  let refusal: string | undefined = 'not now';
  const runtime = new FakeRuntime({ sandboxError: ({ id }) => (id === 'one' ? refusal : undefined) });
  await assert.rejects(runtime.runPodSandbox(sandbox('one')), { message: 'not now' });
  const told: string[] = [];
  runtime.onChange((id) => told.push(id));
  refusal = undefined;
  runtime.lookAgain();
  await Promise.resolve();
  assert.deepEqual(told, ['one']);
  assert.equal((await runtime.runPodSandbox(sandbox('one'))).state, 'ready');
});

test('the fake goes on with containers that another runtime ran', async () => {
  const runtime = new FakeRuntime();
  const { id, podUid, namespace, name, networkNamespace } = sandbox('one');
  const startedAt = '2026-01-02T03:04:05Z';
  const image = { type: 'host', id: 'host', programs: [] } as const;
  const config = { name: 'main', attempt: 2, image, args: ['run'], env: {}, mounts: [], logPath: '/dev/null' };
  const restored = { id, podUid, namespace, name, networkNamespace, state: 'ready', createdAt: startedAt } as const;
  runtime.restore(restored, [{ config, startedAt }]);
  const [status] = await runtime.listContainers(id);
  assert.deepEqual([status?.id, status?.state, status?.startedAt], ['one/main/2', 'running', startedAt]);
  await runtime.stopContainer('one/main/2', { graceMs: 1000 });
  assert.equal((await runtime.containerStatus('one/main/2'))?.exitCode, 143);
});
