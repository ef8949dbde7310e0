import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '@skiff/api/meta';
import { parse } from 'yaml';
import { schemaOf } from '../apply/model.ts';
import { threeWayPatch } from '../apply/three-way.ts';
import { defineCommand } from '../command.ts';
import { CommandError, failureText } from '../failure.ts';
import { bool } from '../flags.ts';
import { MutationReport, mutationFlags } from '../mutation.ts';
import { withoutManagedFields } from '../print/object-printer.ts';
import { toYaml } from '../print/yaml.ts';
import { type Found, findObjects } from '../resources/find-objects.ts';
import { fileFlags, select } from '../resources/selection.ts';
import type { Session } from '../session.ts';

const head = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** `kubectl edit`: opens objects in the user's editor, and writes what was changed. */
export const command = defineCommand({
  usage: 'edit (TYPE/NAME | -f FILENAME)',
  summary: 'Edit a resource on the server.',
  flags: { ...fileFlags, ...mutationFlags, 'save-config': bool() },
  async run(session, { flags, args }) {
    const selection = await select(session, {
      args,
      files: flags.filename,
      allowLists: true,
      hint: 'edit needs a TYPE/NAME',
    });
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-edit-'));
    const report = new MutationReport(session, flags);
    try {
      for await (const found of findObjects(session, selection)) {
        const edited = await edit(session, found, join(folder, `${found.object.metadata.name}.yaml`));
        if (!edited) session.err('Edit cancelled, no changes made.');
        else report.tell({ object: edited, resource: found.target.resource, operation: 'edited' });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

/** Undefined where nothing was changed. What the server refuses is shown in the editor again. */
async function edit(session: Session, { object, target }: Found, path: string): Promise<KubeObject | undefined> {
  const shown = withoutManagedFields(object);
  let body = toYaml(shown);
  let complaint = '';
  for (;;) {
    const before = `${head}${complaint}${body}`;
    writeFileSync(path, before);
    await openEditor(session, path);
    const after = readFileSync(path, 'utf8');
    body = after.replace(/^#.*\n/gm, '');
    if (body.trim() === '') return undefined;
    // Saved as it was, with the complaint still in it: the user gives up.
    if (after === before && complaint !== '') throw new CommandError('Edit cancelled, no valid changes were saved.');
    try {
      const parsed: unknown = parse(body);
      if (typeof parsed !== 'object' || parsed === null) throw new CommandError('it is no object');
      // An object of YAML; the server checks what is in it.
      const modified = parsed as Record<string, unknown>;
      const schema = schemaOf(target.resource);
      const patch = threeWayPatch({ original: shown, modified, current: shown }, schema);
      if (Object.keys(patch).length === 0) return undefined;
      return await session.client
        .objects(target.resource)
        .patch({ namespace: target.namespace, name: object.metadata.name }, patch, {
          type: schema ? 'strategic' : 'merge',
          fieldManager: 'kubectl-edit',
          signal: session.signal,
        });
    } catch (error) {
      const lines = failureText(error, session.config.server).trimEnd().split('\n');
      complaint = `${lines.map((line) => `# ${line}\n`).join('')}#\n`;
    }
  }
}

async function openEditor({ io }: Session, path: string): Promise<void> {
  const editor = io.env['KUBE_EDITOR'] || io.env['EDITOR'] || 'vi';
  const child = spawn('/bin/sh', ['-c', `${editor} "$0"`, path], { stdio: 'inherit', env: io.env });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new CommandError(`there was a problem with the editor ${JSON.stringify(editor)}`);
}
