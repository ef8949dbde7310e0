import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '@skiff/api/status';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { isOwnGroup } from '../discovery/resources.ts';
import type { Door } from '../doors/connection.ts';
import { dispatch } from '../routes/dispatch.ts';
import type { RouteServices } from '../routes/route.ts';
import { methodRefused, noSuchResource, pageNotFound } from './failures.ts';
import type { Gate } from './gate.ts';
import { urlOf } from './gate.ts';
import type { Interceptor } from './interceptor.ts';
import { wantsPretty } from './negotiation.ts';
import { type PagesOptions, pagesOf } from './pages.ts';
import { respondError } from './respond.ts';

export interface AppOptions extends PagesOptions {
  readonly gate: Gate;
  readonly services: RouteServices;
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
  const router = express.Router();

  router.use(async (request, response, next) => {
    const admitted = gate.admit(request, doors.get(request) ?? 'https');
    await interceptor?.({ ...admitted, http: request, response });
    const { info, ...rest } = admitted;
    // What a request about a resource asks for is known by now: it need not try the paths below.
    if (info.isResource && (await dispatch(request, response, { ...rest, info }, services))) return;
    next();
  });

  // Made for the first who asks: many a server in a test is never asked, and all those patterns are worth 4 ms of its start.
  let pages: Express | undefined;
  router.use((request, response, next) => {
    pages ??= pagesOf(options);
    pages(request, response, next);
  });
  router.use((request, response) => {
    const [root, group = ''] = urlOf(request).path.split('/').filter(Boolean);
    if (root === 'api' || (root === 'apis' && group && isOwnGroup(group, resources))) {
      throw request.method === 'GET' || request.method === 'HEAD' ? noSuchResource() : methodRefused();
    }
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(pageNotFound);
  });

  // Four parameters make it an error handler.
  const onError: ErrorRequestHandler = async (error, request, response, _next) => {
    if (!(error instanceof StatusError)) options.onError(error, request);
    await respondError(response, error, { pretty: wantsPretty(urlOf(request).query, request.headers['user-agent']) });
  };
  router.use(onError);

  return (request, response, door) => {
    doors.set(request, door);
    // Routers need no more of a request than node:http's has; what Express adds is added where pages are looked for.
    router(request as Request, response as Response, () => response.destroy());
  };
}
