import { apiVersionOf } from '@skiff/api/kinds';
import type { ApiResource } from '../../resource.ts';
import { defineCommand } from '../command.ts';
import { describeField, fieldTree, type OpenApiDocument, SchemaReader } from '../explain/schema-reader.ts';
import { CommandError } from '../failure.ts';
import { bool, text } from '../flags.ts';
import type { Session } from '../session.ts';

/** `kubectl explain`: what a kind's fields mean, as the server's OpenAPI document has it. */
export const command = defineCommand({
  usage: 'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group]',
  summary: 'Get documentation for a resource.',
  flags: { recursive: bool(), 'api-version': text(), output: text() },
  async run(session, { flags, args }) {
    const [path] = args;
    if (path === undefined)
      throw new CommandError(
        'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    if (args.length > 1) throw new CommandError(`We accept only this format: explain RESOURCE`);
    const { resource, fields } = await resourceOf(session, path, flags['api-version']);
    const reader = await readerFor(session, resource);
    const root = reader.schemaOfKind(resource);
    if (!root) throw new CommandError(`couldn't find resource for "${apiVersionOf(resource)}, Kind=${resource.kind}"`);
    const { group, kind, version } = resource;
    const head = `${group ? `GROUP:      ${group}\n` : ''}KIND:       ${kind}\nVERSION:    ${version}\n\n`;
    session.io.out(head);
    const found = reader.walk(root, fields);
    session.io.out(`${flags.recursive ? fieldTree(reader, found) : describeField(reader, found)}\n`);
  },
});

/** `pods.spec.containers`: the resource may itself have dots, as `deployments.apps.spec`. */
async function resourceOf(
  session: Session,
  path: string,
  apiVersion: string | undefined,
): Promise<{ resource: ApiResource; fields: string[] }> {
  const [type = '', ...fields] = path.split('.');
  const found = await session.resources.find(type);
  const wanted =
    apiVersion &&
    (await session.resources.all()).find((one) => apiVersionOf(one) === apiVersion && one.plural === found?.plural);
  if (wanted) return { resource: wanted, fields };
  if (found) return { resource: found, fields };
  return { resource: await session.resources.require(path), fields: [] };
}

async function readerFor(session: Session, { group, version }: ApiResource): Promise<SchemaReader> {
  const path = group ? `apis/${group}/${version}` : `api/${version}`;
  const index = await session.client.request<{ paths: Record<string, { serverRelativeURL: string }> }>({
    method: 'GET',
    path: '/openapi/v3',
    signal: session.signal,
  });
  const url = index.paths[path]?.serverRelativeURL;
  if (!url) throw new CommandError(`the server publishes no OpenAPI document for ${path}`);
  return new SchemaReader(
    await session.client.request<OpenApiDocument>({ method: 'GET', path: url, signal: session.signal }),
  );
}
