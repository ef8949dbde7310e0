import { createHash } from 'node:crypto';
import { apiVersionOf } from '@skiff/api/kinds';
import { notAcceptable } from '@skiff/api/status';
import express, { type Router } from 'express';
import { withEtag } from '../http/etag.ts';
import { send } from '../http/respond.ts';
import { version } from '../version.ts';
import { documented, documentPath, documentV2, documentV3 } from './documents.ts';

/** Changes when the document does: both come with the program. */
function hashOf(path: string): string {
  return createHash('sha256').update(`${version.gitVersion} ${path}`).digest('hex').slice(0, 32).toUpperCase();
}

/** JSON, or whatever the client takes; the protobuf encodings of these documents are not served. */
function takesJson(accept: string | undefined): boolean {
  return !accept || /application\/json|application\/\*|\*\/\*/.test(accept);
}

/** The OpenAPI documents, built when they are first asked for: `/openapi/v3` and one per group version, `/openapi/v2`. */
export function openApiRoutes(): Router {
  const router = express.Router();
  const type = 'application/json';
  router.use('/openapi', (request, _response, next) => {
    if (!takesJson(request.headers.accept)) throw notAcceptable('the OpenAPI documents are served as application/json');
    next();
  });
  router.get('/openapi/v2', (request, response) =>
    withEtag(request, response, { key: 'openapi v2', type, value: documentV2 }),
  );
  router.get('/openapi/v3', async (_request, response) => {
    const entries = documented()
      .map(documentPath)
      .map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path)}` }]);
    await send(response, 200, { value: { paths: Object.fromEntries(entries) } }, { encoding: 'json', pretty: false });
  });
  router.get(['/openapi/v3/api/:version', '/openapi/v3/apis/:group/:version'], async (request, response, next) => {
    const { group = '', version: wanted = '' } = request.params as Record<string, string>; // both patterns give texts
    const found = documented().find(
      (candidate) => apiVersionOf(candidate) === apiVersionOf({ group, version: wanted }),
    );
    if (!found) return next();
    await withEtag(request, response, {
      key: `openapi v3 ${documentPath(found)}`,
      type,
      value: () => documentV3(found),
    });
  });
  return router;
}
