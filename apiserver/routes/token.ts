import type { V1PodSpec } from '@kubernetes/client-node';
import { invalidValue } from '@skiff/api/causes';
import type { KubeObject, ObjectMeta } from '@skiff/api/meta';
import { badRequest, conflict, invalid, type StatusCause } from '@skiff/api/status';
import {
  type BoundObject,
  type ServiceAccountTokens,
  TOKEN_SECONDS,
  type TokenOptions,
} from '../authentication/service-account-tokens.ts';
import { refuseUnboundTokens } from '../authorization/node-restriction.ts';
import { timestamp } from '../registry/deletion.ts';
import { checkNamespace } from '../registry/namespace-lifecycle.ts';
import type { Registry } from '../registry/registry.ts';
import { modelShape } from '../registry/shape.ts';
import { bodyOf, decodeAs } from './decode.ts';
import type { Answer, ApiRequest } from './request.ts';
import { resourceName, type Services, writeContext } from './services.ts';
import { writeOptions } from './write-options.ts';

const tokenRequestKind = {
  kind: 'TokenRequest',
  group: 'authentication.k8s.io',
  version: 'v1',
  shape: modelShape('AuthenticationV1TokenRequest'),
};

const minSeconds = 600;
const maxSeconds = 2 ** 32;

interface BoundObjectReference {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly uid?: string;
}

interface TokenRequest {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly uid?: string };
  readonly spec?: {
    readonly audiences?: readonly string[];
    readonly expirationSeconds?: number;
    readonly boundObjectRef?: BoundObjectReference;
  };
}

const known = ({ name, uid }: { name: string; uid?: string }): BoundObject => ({ name, uid: uid ?? '' });

/** The object of the core group that a token shall be bound to. */
function boundObject(
  ref: BoundObjectReference,
  namespace: string,
  services: Services,
): { kind: 'Pod' | 'Secret' | 'Node'; object: KubeObject } {
  const { kind = '', name = '' } = ref;
  const [group, version] = /^(?:(.*)\/)?(.*)$/.exec(ref.apiVersion ?? '')?.slice(1) ?? [];
  if (group || (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node')) {
    const type = `${group ? `${group}/` : '/'}${version}, Kind=${kind}`;
    throw badRequest(`cannot bind token to object of type ${type}`);
  }
  const { object } = services.resources.named(kind).get({ namespace: kind === 'Node' ? '' : namespace, name });
  return { kind, object };
}

/** What is bound must be the same object, and a Pod one that runs as the account. */
function boundTo(
  ref: BoundObjectReference | undefined,
  account: { readonly namespace: string; readonly name: string },
  services: Services,
): { boundTo?: TokenOptions['boundTo']; pod?: KubeObject } {
  if (!ref) return {};
  const { kind, object } = boundObject(ref, account.namespace, services);
  const { metadata } = object;
  const { uid } = ref;
  // The cache holds Pods of the schema.
  const { nodeName, serviceAccountName } = (kind === 'Pod' ? object['spec'] : {}) as V1PodSpec;
  if (kind === 'Pod' && serviceAccountName !== account.name) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account.name}" to pod running with different serviceaccount name.`,
    );
  }
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict({ group: '', plural: kind }, metadata.name, why);
  }
  if (!nodeName) return { boundTo: { kind, ...known(metadata) }, ...(kind === 'Pod' && { pod: object }) };
  // Where the node is gone, its name still says where the Pod is meant to be.
  const node = services.resources.named('Node').cache.get('', nodeName)?.object.metadata ?? { name: nodeName };
  return { boundTo: { kind, ...known(metadata), node }, pod: object };
}

/** Where a request says for which account it is, that must be the one of the path (upstream: TokenREST.Create). */
function checkAccount({ metadata }: TokenRequest, { name, uid }: ObjectMeta & { name: string }): void {
  if (metadata?.name && metadata.name !== name) {
    const why = 'must match the service account name if specified';
    throw invalid(tokenRequestKind, name, [invalidValue('metadata.name', metadata.name, why)]);
  }
  if (metadata?.uid && metadata.uid !== uid) {
    const why = `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`;
    throw conflict({ group: tokenRequestKind.group, plural: tokenRequestKind.kind }, name, why);
  }
}

function checkExpiration(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const causes: StatusCause[] = [];
  if (seconds < minSeconds)
    causes.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > maxSeconds)
    causes.push(invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  if (causes.length) throw invalid(tokenRequestKind, '', causes);
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
  if (asked.metadata?.namespace && asked.metadata.namespace !== info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  checkNamespace(resourceName(registry.kind), info, writeContext(request, services, options));
  const { metadata } = registry.get(info).object;
  checkAccount(asked, metadata);
  const expirationSeconds = asked.spec?.expirationSeconds ?? TOKEN_SECONDS;
  checkExpiration(expirationSeconds);
  const account = { namespace: info.namespace, ...known(metadata) };
  const { boundTo: bound, pod } = boundTo(asked.spec?.boundObjectRef, account, services);
  refuseUnboundTokens(request.user, info.name, pod);
  const { token, expirationTimestamp, audiences } = services.tokens.issue({
    serviceAccount: { ...account, namespace: info.namespace },
    ...(asked.spec?.audiences && { audiences: asked.spec.audiences }),
    expirationSeconds,
    ...(bound && { boundTo: bound }),
  });
  const { name, namespace, uid } = metadata;
  return {
    code: 201,
    status: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { ...asked.metadata, name, namespace, uid, creationTimestamp: timestamp(request.now) },
      spec: {
        ...asked.spec,
        audiences,
        expirationSeconds,
        boundObjectRef: asked.spec?.boundObjectRef ?? null,
      },
      status: { token, expirationTimestamp },
    },
  };
}
