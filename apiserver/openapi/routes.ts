import { createHash } from 'node:crypto';
import { apiVersionOf } from '@skiff/api/kinds';
import { notAcceptable } from '@skiff/api/status';
import express, { type Router } from 'express';
import type { GroupVersion } from '../discovery/resources.ts';
import type { Documents } from '../http/etag.ts';
import { send } from '../http/respond.ts';
import type { Resources } from '../registry/resources.ts';
import { version } from '../version.ts';
import { documented, documentPath, documentV2, documentV3, rootDocumentV3 } from './documents.ts';
import { rootPlaces } from './root-documents.ts';

/** Changes when the document does, which need not be built for it: with the program, or with a definition of custom resources. */
function hashOf(groupVersion: GroupVersion, resources: Resources): string {
  const origins = groupVersion.kinds.map((kind) => `${kind.plural} ${resources.at(kind)?.form.custom?.origin ?? ''}`);
  const text = [documentPath(groupVersion), ...origins].join('\n');
  return hashOfText(text);
}

const hashOfText = (text: string): string =>
  createHash('sha256').update(`${version.gitVersion} ${text}`).digest('hex').slice(0, 32).toUpperCase();

/** JSON, or whatever the client takes; the protobuf encodings of these documents are not served. */
function takesJson(accept: string | undefined): boolean {
  return !accept || /application\/json|application\/\*|\*\/\*/.test(accept);
}

/** The OpenAPI documents, built when they are first asked for: `/openapi/v3` and one per group version, `/openapi/v2`. */
export function openApiRoutes(resources: Resources, documents: Documents): Router {
  const router = express.Router();
  const type = 'application/json';
  router.use('/openapi', (request, _response, next) => {
    if (!takesJson(request.headers.accept)) throw notAcceptable('the OpenAPI documents are served as application/json');
    next();
  });
  router.get('/openapi/v2', (request, response) =>
    documents.send(request, response, { key: 'openapi v2', type, value: () => documentV2(resources) }),
  );
  router.get('/openapi/v3', async (_request, response) => {
    const entries = documented(resources).map((groupVersion) => {
      const path = documentPath(groupVersion);
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(groupVersion, resources)}` }];
    });
    const roots = rootPlaces(documented(resources).map(({ group }) => group)).map((place) => [
      place,
      { serverRelativeURL: `/openapi/v3/${place}?hash=${hashOfText(place)}` },
    ]);
    await send(
      response,
      200,
      { value: { paths: Object.fromEntries([...roots, ...entries]) } },
      { encoding: 'json', pretty: false },
    );
  });
  router.get(['/openapi/v3/api/:version', '/openapi/v3/apis/:group/:version'], (request, response, next) => {
    const { group = '', version: wanted = '' } = request.params as Record<string, string>; // both patterns give texts
    const found = documented(resources).find(
      (candidate) => apiVersionOf(candidate) === apiVersionOf({ group, version: wanted }),
    );
    if (!found) return next();
    const key = `openapi v3 ${documentPath(found)}`;
    documents.send(request, response, { key, type, value: () => documentV3(found, resources) });
  });
  router.get(['/openapi/v3/:root', '/openapi/v3/apis/:group'], (request, response, next) => {
    const { root = 'apis', group } = request.params as Record<string, string>; // both patterns give texts
    const place = group === undefined ? root : `apis/${group}`;
    if (!rootPlaces(documented(resources).map((known) => known.group)).includes(place)) return next();
    documents.send(request, response, { key: `openapi v3 ${place}`, type, value: () => rootDocumentV3(place) });
  });
  return router;
}
