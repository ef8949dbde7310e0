import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@skiff/api/meta';
import { isNotFound } from '@skiff/api/status';
import { lastAppliedOf, withoutLastApplied } from '../apply/last-applied.ts';
import { schemaOf } from '../apply/model.ts';
import { threeWayPatch } from '../apply/three-way.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../failure.ts';
import { bool } from '../flags.ts';
import { mutationFlags } from '../mutation.ts';
import { withoutManagedFields } from '../print/object-printer.ts';
import { toYaml } from '../print/yaml.ts';
import { readManifests } from '../resources/manifests.ts';
import { fileFlags, type Target, targetOf } from '../resources/selection.ts';
import type { Session } from '../session.ts';

/** `kubectl diff`: what `apply` would change, as the server says. Ends with 1 where that is anything. */
export const command = defineCommand({
  usage: 'diff -f FILENAME',
  summary: 'Diff the live version against a would-be applied version.',
  flags: {
    ...fileFlags,
    'server-side': bool(),
    'force-conflicts': bool(),
    'show-managed-fields': bool(),
    'field-manager': mutationFlags['field-manager'],
  },
  async run(session, { flags }) {
    if (flags.filename.length === 0) throw new CommandError('must specify one of -f and -k');
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-diff-'));
    try {
      for (const side of ['LIVE', 'MERGED']) mkdirSync(join(folder, side));
      for await (const manifest of readManifests(session, flags.filename, flags)) {
        const target = await targetOf(session, manifest);
        const { live, merged } = await versions(session, { target, object: manifest.object, flags });
        const { group, version } = target.resource;
        const name = [group, version, manifest.object.kind, target.namespace ?? '', merged.metadata.name]
          .filter(Boolean)
          .join('.');
        const text = (object: KubeObject): string =>
          toYaml(flags['show-managed-fields'] ? object : withoutManagedFields(object));
        if (live) writeFileSync(join(folder, 'LIVE', name), text(live));
        writeFileSync(join(folder, 'MERGED', name), text(merged));
      }
      const [program = 'diff', ...options] = (session.io.env['KUBECTL_EXTERNAL_DIFF'] ?? 'diff -u -N').split(' ');
      const { status, stdout, stderr, error } = spawnSync(program, [...options, 'LIVE', 'MERGED'], {
        cwd: folder,
        encoding: 'utf8',
      });
      if (error) throw new CommandError(`${program} could not be run: ${error.message}`, 2);
      session.io.out(stdout);
      session.io.err(stderr);
      if (status !== 0) throw new CommandError('', status ?? 2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

interface Job {
  readonly target: Target;
  readonly object: KubeObject;
  readonly flags: { 'server-side': boolean; 'force-conflicts': boolean; 'field-manager': string | undefined };
}

async function versions(
  session: Session,
  { target, object, flags }: Job,
): Promise<{ live: KubeObject | undefined; merged: KubeObject }> {
  const client = session.client.objects(target.resource);
  const key = { namespace: target.namespace, name: object.metadata.name };
  const live = await client.get(key, { signal: session.signal }).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const write = { dryRun: true, signal: session.signal };
  if (flags['server-side']) {
    const fieldManager = flags['field-manager'] ?? 'kubectl';
    const merged = await client.patch(key, object, {
      ...write,
      type: 'apply',
      force: flags['force-conflicts'],
      fieldManager,
    });
    return { live, merged };
  }
  if (!live) return { live, merged: await client.create(object, write) };
  const schema = schemaOf(target.resource);
  const patch = threeWayPatch(
    { original: lastAppliedOf(live), modified: withoutLastApplied(object), current: live },
    schema,
  );
  if (Object.keys(patch).length === 0) return { live, merged: live };
  return { live, merged: await client.patch(key, patch, { ...write, type: schema ? 'strategic' : 'merge' }) };
}
