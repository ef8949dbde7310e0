import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

interface Document {
  readonly body: Buffer;
  readonly etag: string;
  zipped: Buffer | undefined;
}

const documents = new Map<string, Document>();

/** A large document that only changes with the program: built when it is first asked for. */
function documentOf(key: string, value: () => object): Document {
  let document = documents.get(key);
  if (!document) {
    const body = Buffer.from(JSON.stringify(value()));
    document = { body, etag: createHash('sha256').update(body).digest('hex').toUpperCase(), zipped: undefined };
    documents.set(key, document);
  }
  return document;
}

/** The hash of such a document, which clients put into URLs. */
export const hashOf = (key: string, value: () => object): string => documentOf(key, value).etag;

/** Answers with such a document, or 304 where the client has it. */
export async function withEtag(
  request: IncomingMessage,
  response: ServerResponse,
  { key, type, value }: { key: string; type: string; value: () => object },
): Promise<void> {
  const document = documentOf(key, value);
  response.setHeader('etag', `"${document.etag}"`);
  response.setHeader('vary', 'Accept, Accept-Encoding');
  response.setHeader('cache-control', 'public');
  if (request.headers['if-none-match']?.includes(document.etag)) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('content-type', type);
  if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    document.zipped ??= gzipSync(document.body, { level: 1 });
    response.setHeader('content-encoding', 'gzip');
    response.end(document.zipped);
  } else response.end(document.body);
}
