import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TestServer } from '../../testing.ts';

const jobs = '/apis/batch/v1/namespaces/default/jobs';
const type = { 'content-type': 'application/merge-patch+json' };
const template = { spec: { containers: [{ name: 'c', image: 'i' }], restartPolicy: 'Never' } };
const indexed = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 };
const is = (...types: readonly string[]): object[] => types.map((one) => ({ type: one, status: 'True' }));
const started = { startTime: '2026-01-01T00:00:00Z' };
const ended = { ...started, completionTime: '2026-01-01T00:01:00Z' };
const done = { ...ended, conditions: is('SuccessCriteriaMet', 'Complete') };

/** What a Job is and has reached, the status that is written, and the causes of its refusal. */
type Case = readonly [what: string, spec: object, reached: object, status: object, ...causes: string[]];
const statuses: readonly Case[] = [
  ['a Job that is done', {}, {}, done],
  [
    'counts below none',
    {},
    {},
    { active: -1, ready: -1 },
    'status.active: Invalid value: -1: must be greater than or equal to 0',
    'status.ready: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'an end without all that goes with it',
    {},
    {},
    { active: 1, conditions: is('Complete') },
    'status.completionTime: Required value: completionTime is required for Complete jobs',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    'status.active: Invalid value: 1: active>0 is invalid for finished job',
    'status.startTime: Required value: startTime is required for finished job',
  ],
  [
    'two ends',
    {},
    {},
    { ...ended, conditions: is('Complete', 'SuccessCriteriaMet', 'Failed', 'FailureTarget') },
    'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions',
    'status.conditions: Invalid value: cannot set Complete=True and FailureTarget=true conditions',
    'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and Failed=true conditions',
    'status.conditions: Invalid value: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
  ],
  [
    'a failure that was not announced',
    {},
    {},
    { ...started, conditions: is('Failed') },
    'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
  ],
  [
    'an end before the beginning',
    {},
    {},
    { ...done, completionTime: '2025-01-01T00:00:00Z' },
    'status.completionTime: Invalid value: "2025-01-01T00:00:00Z": must be equal to or after `startTime`',
  ],
  [
    'the time of an end that was not',
    {},
    {},
    ended,
    'status.completionTime: Invalid value: "2026-01-01T00:01:00Z": cannot set completionTime when there is no Complete=True condition',
  ],
  [
    'an end that is taken back',
    {},
    done,
    { conditions: [], completionTime: null },
    'status.conditions: Invalid value: cannot disable the terminal Complete=True condition',
    'status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True condition',
  ],
  [
    'another time of the end',
    {},
    done,
    { completionTime: '2026-01-01T00:02:00Z' },
    'status.completionTime: Invalid value: "2026-01-01T00:02:00Z": field is immutable',
  ],
  [
    'counts that fall',
    {},
    { failed: 2, succeeded: 2 },
    { failed: 1, succeeded: 1 },
    'status.failed: Invalid value: 1: cannot decrease the failed counter',
    'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
  ],
  ['successes of indexes that are gone', { ...indexed, parallelism: 5 }, { succeeded: 2 }, { succeeded: 1 }],
  [
    'a beginning that is taken back',
    { suspend: false },
    started,
    { startTime: null },
    'status.startTime: Required value: startTime cannot be removed for unsuspended job',
  ],
  [
    'more ready Pods than there are',
    {},
    {},
    { active: 1, ready: 2 },
    'status.ready: Invalid value: 2: cannot set more ready pods than active',
  ],
  [
    'indexes of a Job without',
    {},
    {},
    { completedIndexes: '0', failedIndexes: '0' },
    'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    'status.failedIndexes: Invalid value: "0": failedIndexes and completedIndexes overlap at index: 0',
  ],
  [
    'indexes that are none',
    indexed,
    {},
    { completedIndexes: '3-1', failedIndexes: '1-2-3' },
    'status.completedIndexes: Invalid value: "3-1": error parsing completedIndexes: non-increasing order, previous: 3, current: 1',
    'status.failedIndexes: Invalid value: "1-2-3": error parsing failedIndexes: the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'',
  ],
  [
    'indexes that are both',
    indexed,
    {},
    { completedIndexes: '0-2', failedIndexes: '1,4' },
    'status.failedIndexes: Invalid value: "1,4": failedIndexes and completedIndexes overlap at index: 1',
  ],
  ['what was wrong before and is as it was', { suspend: true }, { active: 1 }, { ready: 1 }],
];

const immutable = 'field is immutable';
const changes: readonly (readonly [what: string, spec: object, patch: object, ...fields: string[]])[] = [
  [
    'resources while suspended',
    { suspend: true },
    { containers: [{ ...template.spec.containers[0], resources: { limits: { cpu: '1' } } }] },
  ],
  ['where Pods go while suspended', { suspend: true }, { nodeSelector: { a: 'b' } }],
  ['an image while suspended', { suspend: true }, { containers: [{ name: 'c', image: 'j' }] }, 'spec.template.spec'],
  [
    'one more container while suspended',
    { suspend: true },
    { initContainers: [{ name: 'd', image: 'j' }] },
    'spec.template.spec',
  ],
  [
    'resources',
    {},
    { containers: [{ ...template.spec.containers[0], resources: { limits: { cpu: '1' } } }] },
    'spec.template',
  ],
];

describe('writes of Jobs', () => {
  let api: TestServer;
  before(async () => {
    api = await TestServer.start();
  });
  after(() => api[Symbol.asyncDispose]());

  let made = 0;
  const make = async (spec: object): Promise<string> => {
    const name = `j${made++}`;
    const created = await api.send('POST', jobs, { metadata: { name }, spec: { completions: 1, template, ...spec } });
    assert.equal(created.code, 201, created.text);
    return `${jobs}/${name}`;
  };

  for (const [what, spec, reached, status, ...causes] of statuses) {
    it(`the status says ${what}`, async () => {
      const path = await make(spec);
      const first = await api.send('PATCH', `${path}/status`, { status: reached }, type);
      assert.equal(first.code, 200, first.text);
      const answer = await api.send('PATCH', `${path}/status`, { status }, type);
      const said = (answer.body.details?.causes ?? []) as { field: string; message: string }[];
      assert.deepEqual(
        said.map(({ field, message }) => `${field}: ${message}`),
        causes,
      );
      assert.equal(answer.code, causes.length ? 422 : 200);
    });
  }

  for (const [what, spec, change, ...fields] of changes) {
    it(`the template changes: ${what}`, async () => {
      const path = await make(spec);
      const answer = await api.send('PATCH', path, { spec: { template: { spec: change } } }, type);
      const said = (answer.body.details?.causes ?? []) as { field: string; message: string }[];
      assert.deepEqual(
        said.map(({ field }) => field),
        fields,
      );
      assert.ok(said.every(({ message }) => message.endsWith(immutable)));
    });
  }

  it('a change is told what is wrong with the spec twice', async () => {
    const path = await make({});
    const answer = await api.send('PATCH', path, { spec: { parallelism: -1 } }, type);
    const said = answer.body.details.causes as { field: string }[];
    assert.deepEqual(
      said.map(({ field }) => field),
      ['spec.parallelism', 'spec.parallelism'],
    );
  });
});
