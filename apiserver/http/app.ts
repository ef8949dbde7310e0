import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '@skiff/api/status';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { aggregatedDiscovery, aggregatedType } from '../discovery/aggregated.ts';
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from '../discovery/legacy.ts';
import { groupVersions, isGroupServed } from '../discovery/resources.ts';
import type { Door } from '../doors/connection.ts';
import { openApiRoutes } from '../openapi/routes.ts';
import { dispatch } from '../routes/dispatch.ts';
import type { RouteServices } from '../routes/route.ts';
import { version } from '../version.ts';
import { Documents } from './etag.ts';
import { methodRefused, noSuchResource, pageNotFound } from './failures.ts';
import type { Gate } from './gate.ts';
import { urlOf } from './gate.ts';
import type { Interceptor } from './interceptor.ts';
import { issuerRoutes } from './issuer-routes.ts';
import { negotiate, wantsPretty } from './negotiation.ts';
import { respondError, send } from './respond.ts';

export interface AppOptions {
  readonly gate: Gate;
  readonly services: RouteServices;
  /** `host:port`, for clients that ask `/api` where the server is. */
  readonly serverAddress: () => string;
  /** Whether the server can do its work; the text says what is missing. */
  readonly readiness: () => { ready: boolean; detail: string };
  /** Told of every failure that is the server's own fault. */
  readonly onError: (error: unknown, request: IncomingMessage) => void;
  readonly interceptor?: Interceptor | undefined;
}

/**
 * The way of every request: who asks and whether they may (the gate), then resources by verb, then what is there by path.
 * Failures of all of them are answered in one place.
 */
export function createApp(
  options: AppOptions,
): (request: IncomingMessage, response: ServerResponse, door: Door) => void {
  const { gate, interceptor, services } = options;
  const { resources } = services;
  const doors = new WeakMap<IncomingMessage, Door>();
  const app = express();
  const documents = new Documents(() => resources.version);
  app.disable('x-powered-by').disable('etag').set('query parser', false);

  app.use(async (request, response, next) => {
    const admitted = gate.admit(request, doors.get(request) ?? 'https');
    await interceptor?.({ ...admitted, http: request, response });
    const { info, ...rest } = admitted;
    // What a request about a resource asks for is known by now: it need not try the paths below.
    if (info.isResource && (await dispatch(request, response, { ...rest, info }, services))) return;
    next();
  });

  const plain = (text: string) => (_request: Request, response: Response) => {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  };
  app.get(['/healthz', '/livez'], plain('ok'));
  app.get(['/readyz', '/healthz/ping', '/livez/ping', '/readyz/ping'], (request, response) => {
    const { ready, detail } = options.readiness();
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
  app.get(
    '/version',
    json(() => version),
  );
  app.get(/^\/(api|apis)\/?$/, async (request, response, next) => {
    const { as } = negotiate(request.headers.accept, ['object', 'discovery']);
    if (as !== 'discovery') return next();
    const root = request.path.startsWith('/apis') ? 'apis' : 'api';
    documents.send(request, response, {
      key: `discovery ${root}`,
      type: aggregatedType,
      value: () => aggregatedDiscovery(root, resources.kinds),
    });
  });
  app.get(
    '/api',
    json(() => apiVersions(options.serverAddress())),
  );
  app.get(
    '/apis',
    json(() => apiGroupList(resources.kinds)),
  );
  app.get(
    '/apis/:group',
    json(({ params }) => apiGroup(String(params['group']), resources.kinds)),
  );
  const resourceList = (group: string, wanted: string): object | undefined => {
    const found = groupVersions(resources.kinds).find(
      (candidate) => candidate.group === group && candidate.version === wanted,
    );
    return found && apiResourceList(found);
  };
  app.get(
    '/api/:version',
    json(({ params }) => resourceList('', String(params['version']))),
  );
  app.get(
    '/apis/:group/:version',
    json(({ params }) => resourceList(String(params['group']), String(params['version']))),
  );
  app.use(issuerRoutes(services.tokens));
  app.use(openApiRoutes(resources, documents));

  app.use((request, response) => {
    const [root, group = ''] = request.path.split('/').filter(Boolean);
    if (root === 'api' || (root === 'apis' && group && isGroupServed(group, resources))) {
      throw request.method === 'GET' || request.method === 'HEAD' ? noSuchResource() : methodRefused();
    }
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(pageNotFound);
  });

  // Four parameters make it an error handler.
  const onError: ErrorRequestHandler = async (error, request, response, _next) => {
    if (!(error instanceof StatusError)) options.onError(error, request);
    await respondError(response, error, { pretty: wantsPretty(urlOf(request).query, request.headers['user-agent']) });
  };
  app.use(onError);

  return (request, response, door) => {
    doors.set(request, door);
    app(request, response);
  };
}
