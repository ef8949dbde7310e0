import type { ServerResponse } from 'node:http';
import { apiVersionOf } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { notAcceptable } from '@skiff/api/status';
import { encodedHead } from '../registry/encoding.ts';
import type { Registry } from '../registry/registry.ts';
import type { Answer, ListAnswer, ObjectAnswer } from '../routes/request.ts';
import { type IncludeObject, partialObject, toTable } from '../table/table.ts';
import { asStatusError } from './failures.ts';
import type { Format } from './negotiation.ts';

/** How an answer is to be written. */
export interface Rendering {
  readonly format: Format;
  readonly pretty: boolean;
  readonly include: IncludeObject;
  readonly warnings: ReadonlySet<string>;
  /** What ages are counted from. */
  readonly now: Date;
}

/** RFC 9111 warning 299; what would break the header is dropped. */
export function setWarnings(response: ServerResponse, warnings: ReadonlySet<string>): void {
  if (warnings.size === 0) return;
  const quoted = [...warnings].map((text) => {
    const clean = text.replace(/\p{Cc}/gu, ' ').replace(/[\\"]/g, '\\$&');
    // A header is Latin-1: other characters go percent-encoded.
    return `299 - "${clean.replace(/[^\u0020-\u007e]/g, encodeURIComponent)}"`;
  });
  response.setHeader('warning', quoted);
}

/** Sends a body: one that is encoded already unless people are to read it. */
export async function send(
  response: ServerResponse,
  code: number,
  body: { json?: string | undefined; value?: unknown },
  { encoding, pretty, type }: { encoding: Format['encoding']; pretty: boolean; type?: string },
): Promise<void> {
  const value = (): unknown => body.value ?? JSON.parse(body.json ?? 'null');
  let text: string;
  if (encoding === 'yaml') text = (await import('yaml')).stringify(value());
  else if (pretty) text = `${JSON.stringify(value(), null, 2)}\n`;
  else text = `${body.json ?? JSON.stringify(body.value)}\n`;
  const payload = Buffer.from(text);
  response.writeHead(code, {
    'content-type': type ?? (encoding === 'yaml' ? 'application/yaml' : 'application/json'),
    'content-length': payload.length,
    'cache-control': 'no-cache, private',
  });
  response.end(payload);
}

/** A list as JSON, made of its items' JSON: they leave out their kind. */
function listJson({ kind, form }: Registry, { items, metadata }: ListAnswer): string {
  const head = encodedHead(kind);
  const bodies = items.map(({ json, object }) => {
    // Custom resources say in lists too what they are.
    if (form.custom) return json;
    if (json.startsWith(head)) return `{${json.slice(head.length)}`;
    const { kind: _kind, apiVersion: _version, ...rest } = object;
    return JSON.stringify(rest);
  });
  const listMeta = form.custom ? { continue: '', ...metadata } : metadata;
  const list = { kind: kind.listKind ?? `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: listMeta };
  return `${JSON.stringify(list).slice(0, -1)},"items":[${bodies.join(',')}]}`;
}

function listBody(
  registry: Registry,
  list: ListAnswer,
  { format, include, now }: Rendering,
): { json?: string; value?: unknown } {
  const objects = (): KubeObject[] => list.items.map(({ object }) => object);
  const { metadata } = list;
  const { version } = format;
  switch (format.as) {
    case 'table':
      return { value: toTable(registry.form.printer, objects(), { metadata, include, version, now }) };
    case 'partialList':
      return {
        value: {
          kind: 'PartialObjectMetadataList',
          apiVersion: `meta.k8s.io/${version}`,
          metadata,
          items: objects().map((object) => partialObject(object, version)),
        },
      };
    case 'object':
      return { json: listJson(registry, list) };
    default:
      throw notAcceptable('a list cannot be shown as one object');
  }
}

function objectBody(
  { form }: Registry,
  { object, json, printer = form.printer }: ObjectAnswer,
  { format, include, now }: Rendering,
): { json?: string | undefined; value?: unknown } {
  const { version } = format;
  switch (format.as) {
    case 'table': {
      const { resourceVersion } = object.metadata;
      return { value: toTable(printer, [object], { metadata: { resourceVersion }, include, version, now }) };
    }
    case 'partial':
      return { value: partialObject(object, version) };
    case 'object':
      return { json, value: json === undefined ? object : undefined };
    default:
      throw notAcceptable('an object cannot be shown as a list');
  }
}

/** Writes what a route answered. */
export async function respond(
  response: ServerResponse,
  answer: NonNullable<Answer>,
  registry: Registry,
  rendering: Rendering,
): Promise<void> {
  const { encoding } = rendering.format;
  const body =
    'status' in answer
      ? { value: answer.status }
      : 'items' in answer
        ? listBody(registry, answer, rendering)
        : objectBody(registry, answer, rendering);
  setWarnings(response, rendering.warnings);
  await send(response, answer.code, body, { encoding, pretty: rendering.pretty });
}

/** Writes a failure: always a Status in JSON. A request whose body was not read to its end ends its connection. */
export async function respondError(
  response: ServerResponse,
  error: unknown,
  options: { pretty: boolean },
): Promise<void> {
  const status = asStatusError(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retry = status.details?.retryAfterSeconds;
  if (retry) response.setHeader('retry-after', String(retry));
  if (!response.req.complete) response.setHeader('connection', 'close');
  await send(response, status.code, { value: status.toStatus() }, { encoding: 'json', pretty: options.pretty });
}
