import { createHash } from 'node:crypto';
import express, { type Request, type Response, type Router } from 'express';
import type { GroupVersion } from '../discovery/resources.ts';
import type { Documents } from '../http/etag.ts';
import { urlOf } from '../http/gate.ts';
import type { Resources } from '../registry/resources.ts';
import { version } from '../version.ts';
import { documented, documentPath, documentV2, documentV3, isDefined, rootDocumentV3 } from './documents.ts';
import { protobufV2 } from './protobuf-v2.ts';
import { rootPlaces } from './root-documents.ts';

/** A document of OpenAPI 3.0. */
interface Described {
  /** Changes when the document does, which need not be built for it. */
  readonly hash: string;
  build(): object;
}

const hashOf = (...parts: readonly string[]): string =>
  createHash('sha256')
    .update([version.gitVersion, ...parts].join('\n'))
    .digest('hex')
    .slice(0, 32)
    .toUpperCase();

/** What a group version's document is made of: the program, and the definitions of custom resources. */
const originsOf = ({ kinds }: GroupVersion, resources: Resources): string[] =>
  kinds.map((kind) => `${kind.plural} ${resources.at(kind)?.form.custom?.origin ?? ''}`);

/** All documents by their place: `apis/apps/v1`. */
function described(resources: Resources): Map<string, Described> {
  const groupVersions = documented(resources);
  const builtIn = groupVersions.filter((groupVersion) => !isDefined(groupVersion, resources));
  const roots = rootPlaces(builtIn.map(({ group }) => group)).map(
    (place) => [place, { hash: hashOf(place), build: () => rootDocumentV3(place) }] as const,
  );
  const others = groupVersions.map((groupVersion) => {
    const place = documentPath(groupVersion);
    const hash = hashOf(place, ...originsOf(groupVersion, resources));
    return [place, { hash, build: () => documentV3(groupVersion, resources) }] as const;
  });
  return new Map<string, Described>([...roots, ...others]);
}

const urlAt = (place: string, { hash }: Described): string => `/openapi/v3/${place}?hash=${hash}`;

/** JSON, or whatever the client takes. Of these documents in protobuf, only that of OpenAPI 2.0 is served: kubectl asks for no other. */
function takesJson(accept: string | undefined): boolean {
  return !accept || /application\/json|application\/\*|\*\/\*/.test(accept);
}

/** The same with a dot and, as client-go writes it, with an `@`. */
const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const takesProtobuf = (accept = ''): boolean => accept.replace('v2@v1.0', 'v2.v1.0').includes(protobufType);

/** A URL with the right hash never changes its meaning, one with another leads to the right one. False: it leads elsewhere. */
function settleHash(request: Request, response: Response, right: { url: string; hash: string }): boolean {
  const asked = urlOf(request).query.get('hash');
  if (!asked) return true;
  if (asked !== right.hash) {
    response.redirect(301, right.url);
    return false;
  }
  const year = new Date();
  year.setFullYear(year.getFullYear() + 1);
  response.setHeader('expires', year.toUTCString());
  return true;
}

/** The OpenAPI documents, built when they are first asked for: `/openapi/v3` and one per group version, `/openapi/v2`. */
export function openApiRoutes(resources: Resources, documents: Documents): Router {
  const router = express.Router();
  const type = 'application/json';
  // Upstream says no more than that in any of these answers.
  const refuses = (request: Request, response: Response): boolean => {
    if (takesJson(request.headers.accept)) return false;
    response.status(406).end();
    return true;
  };
  router.get('/openapi/v2', (request, response) => {
    const value = (): object => documentV2(resources);
    if (takesProtobuf(request.headers.accept)) {
      documents.send(request, response, { key: 'openapi v2 protobuf', type: protobufType, value, encode: protobufV2 });
      return;
    }
    if (refuses(request, response)) return;
    documents.send(request, response, { key: 'openapi v2', type, value });
  });
  router.get('/openapi/v3', (_request, response) => {
    const entries = [...described(resources)].map(([place, document]) => [
      place,
      { serverRelativeURL: urlAt(place, document) },
    ]);
    // Go takes the index for a text, as nobody tells it otherwise.
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(JSON.stringify({ paths: Object.fromEntries(entries) }));
  });
  router.get('/openapi/v3/*place', (request, response) => {
    const place = request.path.slice('/openapi/v3/'.length);
    const document = described(resources).get(place);
    if (!document) {
      response.status(404).end();
      return;
    }
    if (refuses(request, response)) return;
    if (!settleHash(request, response, { url: urlAt(place, document), hash: document.hash })) return;
    const immutable = response.hasHeader('expires');
    documents.send(request, response, { key: `openapi v3 ${place}`, type, value: () => document.build(), immutable });
  });
  return router;
}
