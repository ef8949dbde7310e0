import express, { type Express, type Request, type Response } from 'express';
import { aggregatedDiscovery, aggregatedType } from '../discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/legacy.ts';
import { groupVersions } from '../discovery/resources.ts';
import { openApiRoutes } from '../openapi/routes.ts';
import type { RouteServices } from '../routes/route.ts';
import { version } from '../version.ts';
import { Documents } from './etag.ts';
import { urlOf } from './gate.ts';
import { issuerRoutes } from './issuer-routes.ts';
import { negotiate, wantsPretty } from './negotiation.ts';
import { send } from './respond.ts';

export interface PagesOptions {
  readonly services: Pick<RouteServices, 'resources' | 'tokens'>;
  /** `host:port`, for clients that ask `/api` where the server is. */
  readonly serverAddress: () => string;
  /** Whether the server can do its work; the text says what is missing. */
  readonly readiness: () => { ready: boolean; detail: string };
}

/** What is there by path and tells of the server itself: health, version, discovery, the keys of tokens, OpenAPI. */
export function pagesOf({ services, serverAddress, readiness }: PagesOptions): Express {
  const { resources, tokens } = services;
  const pages = express().disable('x-powered-by').disable('etag').set('query parser', false);
  const documents = new Documents(() => resources.version);

  const plain = (text: string) => (_request: Request, response: Response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  };
  pages.get(['/healthz', '/livez'], plain('ok'));
  pages.get(['/readyz', '/healthz/ping', '/livez/ping', '/readyz/ping'], (request, response) => {
    const { ready, detail } = readiness();
    response.writeHead(ready ? 200 : 500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(
      request.url.includes('verbose')
        ? `${detail}\nreadyz check ${ready ? 'passed' : 'failed'}\n`
        : ready
          ? 'ok'
          : detail,
    );
  });

  const json =
    (value: (request: Request) => object | undefined) =>
    async (request: Request, response: Response, next: () => void) => {
      const body = value(request);
      if (!body) return next();
      const pretty = wantsPretty(urlOf(request).query, request.headers['user-agent']);
      const { encoding } = negotiate(request.headers.accept, ['object']);
      await send(response, 200, { value: body }, { encoding, pretty });
    };
  pages.get(
    '/version',
    json(() => version),
  );
  pages.get(/^\/(api|apis)\/?$/, async (request, response, next) => {
    const { as } = negotiate(request.headers.accept, ['object', 'discovery']);
    if (as !== 'discovery') return next();
    const root = request.path.startsWith('/apis') ? 'apis' : 'api';
    documents.send(request, response, {
      key: `discovery ${root}`,
      type: aggregatedType,
      value: () => aggregatedDiscovery(root, resources.kinds),
    });
  });
  pages.get(
    '/api',
    json(() => apiVersions(serverAddress())),
  );
  pages.get(
    '/apis',
    json(() => apiGroupList(resources.kinds)),
  );
  pages.get(
    '/apis/:group',
    json(({ params }) => apiGroup(String(params['group']), resources.kinds)),
  );
  const resourceList = (group: string, wanted: string): object | undefined => {
    const found = groupVersions(resources.kinds).find(
      (candidate) => candidate.group === group && candidate.version === wanted,
    );
    return found && apiResourceList(found);
  };
  pages.get(
    '/api/:version',
    json(({ params }) => resourceList('', String(params['version']))),
  );
  pages.get(
    '/apis/:group/:version',
    json(({ params }) => resourceList(String(params['group']), String(params['version']))),
  );
  pages.use(issuerRoutes(tokens));
  pages.use(openApiRoutes(resources, documents));
  return pages;
}
