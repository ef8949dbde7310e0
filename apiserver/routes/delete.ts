import { badRequest } from '@skiff/api/status';
import { decodeBody, mediaType, readBody } from '../http/body.ts';
import { type DeleteOptions, validateDeleteOptions } from '../registry/delete-options.ts';
import type { Registry } from '../registry/registry.ts';
import type { Answer, ApiRequest } from './request.ts';
import { type Services, writeContext } from './services.ts';

function number(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw badRequest(`gracePeriodSeconds "${text}" is no whole number`);
  return value;
}

function fromQuery(query: URLSearchParams): DeleteOptions {
  const orphan = query.get('orphanDependents');
  const dryRun = query.getAll('dryRun');
  return {
    gracePeriodSeconds: number(query.get('gracePeriodSeconds')),
    propagationPolicy: query.get('propagationPolicy') || undefined,
    orphanDependents: orphan === null ? undefined : orphan !== 'false',
    ...(dryRun.length && { dryRun }),
  };
}

function fromBody(value: unknown): DeleteOptions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the delete options are no JSON object');
  }
  const { kind, ...options } = value as { kind?: unknown } & DeleteOptions; // the fields are checked below
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw badRequest(`expected options.meta.k8s.io of kind DeleteOptions, got ${String(kind)}`);
  }
  const { gracePeriodSeconds, propagationPolicy } = options;
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null && !Number.isInteger(gracePeriodSeconds)) {
    throw badRequest('gracePeriodSeconds is no whole number');
  }
  if (propagationPolicy !== undefined && propagationPolicy !== null && typeof propagationPolicy !== 'string') {
    throw badRequest('propagationPolicy is no string');
  }
  // A null stands for an absent field.
  return Object.fromEntries(Object.entries(options).filter(([, field]) => field !== null));
}

/** The options of a DELETE: its body, or else its query. Throws 400 and 422. */
export async function deleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const body = await readBody(request.http);
  const options =
    body.length > 0 ? fromBody((await decodeBody(body, mediaType(request.http))).value) : fromQuery(request.query);
  const merged = options.dryRun ? options : { ...options, dryRun: fromQuery(request.query).dryRun };
  validateDeleteOptions(merged);
  return merged;
}

/** DELETE of an object: the object where its kind says so or where it stays for now, else a Status. */
export async function deleteOne(request: ApiRequest, registry: Registry, services: Services): Promise<Answer> {
  const { kind, strategy } = registry;
  const options = await deleteOptions(request);
  const context = writeContext(request, services, { dryRun: (options.dryRun?.length ?? 0) > 0 });
  const { object, gone } = await registry.delete(request.info, options, context);
  // A client that asked in the old way for what goes with an object hears that it is not gone yet.
  const code = !gone && options.orphanDependents === false ? 202 : 200;
  if (!gone || strategy.deleteReturnsObject) return { code, object };
  const { name, uid } = object.metadata;
  const details = { name, ...(kind.group && { group: kind.group }), kind: kind.plural, uid };
  return { code: 200, status: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}
