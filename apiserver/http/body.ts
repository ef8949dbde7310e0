import type { IncomingMessage } from 'node:http';
import { badRequest, StatusError, tooLarge, unsupportedMediaType } from '@skiff/api/status';
import { checkJsonNesting } from './nesting.ts';
import { parseProtobuf, protobufType } from './protobuf-body.ts';
import type { ReadYaml } from './yaml-body.ts';

/** As kube-apiserver: larger bodies are refused with 413. */
export const maxBodyBytes = 3 * 1024 * 1024;

const bodies = new WeakMap<IncomingMessage, Promise<Buffer>>();

/**
 * Reads a request's body to its end; a repeated call answers with the same. Rejects with 413, without reading on: a
 * `content-length` that says so is believed.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const known = bodies.get(request);
  if (known) return known;
  const body = readAll(request);
  bodies.set(request, body);
  return body;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const refused = () => tooLarge(`Request entity too large: limit is ${maxBodyBytes}`);
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw refused();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) throw refused();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The media type of a body without parameters; JSON where the client names none. */
export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** What a body holds, the text of its JSON (for checks of duplicate fields), and what its YAML repeats. */
export interface DecodedBody {
  readonly value: unknown;
  readonly json?: string;
  readonly repeated?: readonly string[];
}

export function parseJson(text: string): unknown {
  checkJsonNesting(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Loads the parser when it is needed first: most clients send JSON. */
export async function parseYaml(text: string): Promise<ReadYaml> {
  const { readYaml } = await import('./yaml-body.ts');
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`the body is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Decodes a body by its media type. Throws 415 for others than JSON, YAML and Kubernetes' protobuf. */
export async function decodeBody(body: Buffer, type: string): Promise<DecodedBody> {
  if (type === protobufType) return { value: parseProtobuf(body) };
  if (type !== 'application/json' && type !== 'application/yaml' && type !== 'application/x-yaml') {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${protobufType}`,
    );
  }
  const text = body.toString('utf8');
  if (text.trim() === '') throw badRequest('the request has no body');
  if (type === 'application/json') return { value: parseJson(text), json: text };
  return parseYaml(text);
}
