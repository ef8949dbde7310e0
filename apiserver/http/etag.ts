import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

interface Document {
  readonly version: number;
  readonly body: Buffer;
  readonly etag: string;
  zipped: Buffer | undefined;
}

export interface DocumentOptions {
  /** Names the document, and its encoding. */
  readonly key: string;
  readonly type: string;
  readonly value: () => object;
  readonly encode?: (value: object) => Buffer;
  readonly immutable?: boolean;
}

const encodeJson = (value: object): Buffer => Buffer.from(JSON.stringify(value));

/** Large documents about what is served: each is built when it is first asked for, and again when something else is served. */
export class Documents {
  readonly #version: () => number;
  readonly #built = new Map<string, Document>();

  /** `version` is another number whenever the documents may have changed. */
  constructor(version: () => number) {
    this.#version = version;
  }

  /** Answers with a document, or 304 where the client has it. */
  send(
    request: IncomingMessage,
    response: ServerResponse,
    { key, type, value, immutable, encode = encodeJson }: DocumentOptions,
  ): void {
    const document = this.#document(key, () => encode(value()));
    response.setHeader('etag', `"${document.etag}"`);
    response.setHeader('vary', 'Accept, Accept-Encoding');
    response.setHeader('cache-control', immutable ? 'public, immutable' : 'public');
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

  #document(key: string, encoded: () => Buffer): Document {
    const version = this.#version();
    const known = this.#built.get(key);
    if (known?.version === version) return known;
    const body = encoded();
    const etag = createHash('sha256').update(body).digest('hex').toUpperCase();
    const document = { version, body, etag, zipped: undefined };
    this.#built.set(key, document);
    return document;
  }
}
