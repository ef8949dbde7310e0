import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@skiff/api/meta';
import { isExpired, isNotFound } from '@skiff/api/status';
import { defineCommand } from '../command.ts';
import { CommandError, throwAll } from '../failure.ts';
import { bool, list, text } from '../flags.ts';
import { SinglePath, valueText } from '../print/json-path.ts';
import { findObjects } from '../resources/find-objects.ts';
import { qualifiedName, qualifiedPlural } from '../resources/resource-mapper.ts';
import { fileFlags, select, selectorFlags, type Target } from '../resources/selection.ts';
import type { Session } from '../session.ts';
import { secondsOf } from './duration.ts';

/** Whether an object (or its absence) is what is waited for. */
type Test = (object: KubeObject | undefined) => boolean;

/** `kubectl wait`: until conditions are met, fields have values, objects come or go. */
export const command = defineCommand({
  usage:
    "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  summary: 'Wait for a specific condition on one or many resources.',
  flags: {
    ...fileFlags,
    ...selectorFlags,
    all: bool(),
    for: list(),
    timeout: text(undefined, '30s'),
    local: bool(),
    output: text('o'),
  },
  async run(session, { flags, args }) {
    const [wanted] = flags.for;
    if (wanted === undefined) throw new CommandError('required flag(s) "for" not set');
    const seconds = secondsOf(flags.timeout);
    const deadline = AbortSignal.timeout(seconds < 0 ? 7 * 86_400_000 : Math.max(1, seconds * 1000));
    const signal = AbortSignal.any([deadline, session.signal]);
    const selection = await select(session, {
      args,
      files: flags.filename,
      recursive: flags.recursive,
      allNamespaces: flags['all-namespaces'],
      selected: flags.all || flags.selector !== undefined || flags['field-selector'] !== undefined,
    });
    const test = testOf(wanted);
    const targets: Target[] = [];
    const errors: unknown[] = [];
    for (const target of selection.targets) {
      if (target.name !== undefined) targets.push(target);
      else {
        const chosen = { labelSelector: flags.selector, fieldSelector: flags['field-selector'] };
        for await (const found of findObjects(session, { targets: [target] }, chosen)) targets.push(found.target);
      }
    }
    if (targets.length === 0 && wanted !== 'delete') throw new CommandError('no matching resources found');
    for (const target of targets) {
      try {
        const waited = await until(session, target, {
          test,
          signal,
          absentIsFine: wanted === 'delete' || wanted === 'create',
        });
        // What is gone already was never there, as far as kubectl is concerned.
        if (wanted !== 'delete' || waited)
          session.out(`${qualifiedName(target.resource, target.name ?? '')} condition met`);
      } catch (error) {
        if (session.signal.aborted) throw error;
        errors.push(
          deadline.aborted
            ? new CommandError(
                `timed out waiting for the condition on ${qualifiedPlural(target.resource)}/${target.name}`,
              )
            : error,
        );
      }
    }
    throwAll(errors);
  },
});

function testOf(wanted: string): Test {
  const lower = wanted.toLowerCase();
  if (lower === 'delete') return (object) => object === undefined;
  if (lower === 'create') return (object) => object !== undefined;
  if (lower.startsWith('condition=')) {
    const [type = '', status = 'true'] = wanted.slice('condition='.length).split('=');
    return (object) =>
      object !== undefined && hasCondition(object, { type: type.toLowerCase(), status: status.toLowerCase() });
  }
  if (lower.startsWith('jsonpath=')) {
    const [, expression = '', value] = /^\{(.*?)\}(?:=(.*))?$/s.exec(wanted.slice('jsonpath='.length)) ?? [];
    if (expression === '')
      throw new CommandError(
        "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
      );
    const path = new SinglePath(expression);
    return (object) => {
      const [found] = path.values(object);
      return value === undefined ? found !== undefined : found !== undefined && valueText(found) === value.trim();
    };
  }
  throw new CommandError(`unrecognized condition: ${JSON.stringify(wanted)}`);
}

function hasCondition(object: KubeObject, wanted: { type: string; status: string }): boolean {
  const { status, metadata } = object as {
    status?: { conditions?: { type: string; status: string; observedGeneration?: number }[] };
  } & KubeObject; // looked at with care
  return (status?.conditions ?? []).some(
    (condition) =>
      condition.type.toLowerCase() === wanted.type &&
      condition.status.toLowerCase() === wanted.status &&
      (condition.observedGeneration ?? Number.POSITIVE_INFINITY) >= (metadata.generation ?? 0),
  );
}

/** Resolves with whether it had to wait. */
async function until(
  session: Session,
  { resource, namespace, name = '' }: Target,
  { test, signal, absentIsFine }: { test: Test; signal: AbortSignal; absentIsFine: boolean },
): Promise<boolean> {
  const client = session.client.objects(resource);
  const fieldSelector = `metadata.name=${name}`;
  if (!absentIsFine) await client.get({ namespace, name }, { signal });
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    const listed = await client.list({ namespace, fieldSelector, signal }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    if (test(listed?.items[0])) return waited;
    if (!listed) {
      await delay(500, undefined, { signal });
      continue;
    }
    try {
      const { resourceVersion } = listed.metadata;
      for await (const { type, object } of client.watch({
        namespace,
        fieldSelector,
        resourceVersion,
        timeoutSeconds: 290,
        signal,
      })) {
        if (type !== 'BOOKMARK' && test(type === 'DELETED' ? undefined : object)) return true;
      }
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
}
