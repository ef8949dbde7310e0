import { invalid, type StatusCause, StatusError } from '@skiff/api/status';
import type { BoundObject, ServiceAccountTokens, TokenOptions } from '../authentication/service-account-tokens.ts';
import { refuseUnboundTokens } from '../authorization/node-restriction.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape } from '../registry/shape.ts';
import { bodyOf, decodeAs } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import type { Services } from './services.ts';
import { writeOptions } from './write-options.ts';

const tokenRequestKind = {
  kind: 'TokenRequest',
  group: 'authentication.k8s.io',
  version: 'v1',
  shape: modelShape('AuthenticationV1TokenRequest'),
};

const minSeconds = 600;
const maxSeconds = 2 ** 32;

interface TokenRequest {
  metadata?: Record<string, unknown>;
  spec?: {
    audiences?: string[];
    expirationSeconds?: number;
    boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
  };
}

function boundTo(
  spec: NonNullable<TokenRequest['spec']>,
  namespace: string,
  services: Services,
): TokenOptions['boundTo'] | undefined {
  const ref = spec.boundObjectRef;
  if (!ref) return undefined;
  const { kind, name = '', uid } = ref;
  if (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node') {
    throw new StatusError({
      code: 400,
      reason: 'BadRequest',
      message: `cannot bind token for serviceaccount to a ${kind}`,
    });
  }
  const { metadata, spec: boundSpec } = services.resources
    .named(kind)
    .get({ namespace: kind === 'Node' ? '' : namespace, name }).object;
  if (uid && uid !== metadata.uid) {
    const message = `the UID in the bound object reference (${uid}) does not match the UID in record (${metadata.uid})`;
    throw new StatusError({
      code: 409,
      reason: 'Conflict',
      message,
      details: { name, kind: `${kind.toLowerCase()}s` },
    });
  }
  const nodeName = kind === 'Pod' ? (boundSpec as { nodeName?: string } | undefined)?.nodeName : undefined;
  const node = nodeName ? services.resources.named('Node').cache.get('', nodeName)?.object.metadata : undefined;
  const known = (object: { name: string; uid?: string }): BoundObject => ({ name: object.name, uid: object.uid ?? '' });
  return { kind, ...known(metadata), ...(node && { node: known(node) }) };
}

/** POST of a TokenRequest: a token of a service account. */
export async function createToken(
  request: ApiRequest,
  registry: Registry,
  services: Services & { readonly tokens: ServiceAccountTokens },
): Promise<Answer> {
  const { info } = request;
  const options = writeOptions(request.query, 'CreateOptions');
  const decoding = { ...options, warnings: request.warnings };
  const asked: TokenRequest = decodeAs(await bodyOf(request), tokenRequestKind, decoding);
  const { metadata } = registry.get(info).object;
  const seconds = asked.spec?.expirationSeconds ?? 3600;
  const causes: StatusCause[] = [];
  const field = 'spec.expirationSeconds';
  if (seconds < minSeconds) {
    const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`;
    causes.push({ reason: 'FieldValueInvalid', field, message });
  }
  if (seconds > maxSeconds) {
    const message = `Too long: may not be more than ${maxSeconds} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field, message });
  }
  if (causes.length) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', causes);
  const bound = boundTo(asked.spec ?? {}, info.namespace, services);
  const pod =
    bound?.kind === 'Pod'
      ? services.resources.named('Pod').get({ namespace: info.namespace, name: bound.name })
      : undefined;
  refuseUnboundTokens(request.user, info.name, pod?.object);
  const { token, expirationTimestamp, audiences } = services.tokens.issue({
    serviceAccount: { namespace: info.namespace, name: metadata.name, uid: metadata.uid ?? '' },
    ...(asked.spec?.audiences && { audiences: asked.spec.audiences }),
    expirationSeconds: seconds,
    ...(bound && { boundTo: bound }),
  });
  const { name, namespace, uid } = metadata;
  return {
    code: 201,
    status: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, uid, creationTimestamp: request.now.toISOString().replace(/\.\d+Z/, 'Z') },
      spec: {
        ...asked.spec,
        audiences,
        expirationSeconds: seconds,
        boundObjectRef: asked.spec?.boundObjectRef ?? null,
      },
      status: { token, expirationTimestamp },
    },
  };
}
