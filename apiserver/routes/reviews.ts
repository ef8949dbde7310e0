import type { ObjectMeta } from '@skiff/api/meta';
import { badRequest } from '@skiff/api/status';
import type { ServiceAccountTokens } from '../authentication/service-account-tokens.ts';
import type { Attributes } from '../authorization/attributes.ts';
import type { ClusterAuthorizer } from '../authorization/authorizer.ts';
import { nodeNameOf } from '../authorization/node-authorizer.ts';
import { timestamp } from '../registry/deletion.ts';
import { modelShape } from '../registry/shape.ts';
import type { User } from '../registry/strategy.ts';
import { type AccessQuestion, checkQuestion } from './access-question.ts';
import { bodyOf, decodeAs } from './decode.ts';
import type { ApiRequest, StatusAnswer } from './request.ts';
import { writeOptions } from './write-options.ts';

/** What reviews ask. */
export interface ReviewServices {
  readonly authorizer: ClusterAuthorizer;
  readonly tokens: ServiceAccountTokens;
}

const kindOf = (kind: string, group: string, model: string) => ({
  kind,
  group,
  version: 'v1',
  shape: modelShape(model),
});
const authorization = 'authorization.k8s.io';
const reviewKinds = {
  selfsubjectaccessreviews: kindOf('SelfSubjectAccessReview', authorization, 'V1SelfSubjectAccessReview'),
  subjectaccessreviews: kindOf('SubjectAccessReview', authorization, 'V1SubjectAccessReview'),
  localsubjectaccessreviews: kindOf('LocalSubjectAccessReview', authorization, 'V1LocalSubjectAccessReview'),
  selfsubjectrulesreviews: kindOf('SelfSubjectRulesReview', authorization, 'V1SelfSubjectRulesReview'),
  selfsubjectreviews: kindOf('SelfSubjectReview', 'authentication.k8s.io', 'V1SelfSubjectReview'),
  tokenreviews: kindOf('TokenReview', 'authentication.k8s.io', 'V1TokenReview'),
} as const;
type ReviewPlural = keyof typeof reviewKinds;

/** Whether a resource is a review, which is asked by creating it. */
export const isReview = (plural: string): plural is ReviewPlural => Object.hasOwn(reviewKinds, plural);

function attributesOf(user: User, spec: AccessQuestion): Attributes {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (!resourceAttributes)
    return { user, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' };
  const { verb = '', group = '', resource: plural = '', subresource, namespace, name } = resourceAttributes;
  return { user, verb, resource: { group, plural, subresource, namespace, name } };
}

function subjectOf(spec: AccessQuestion): User {
  const { user: name = '', groups = [], uid, extra } = spec;
  return { name, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

/** POST of a TokenReview or of a review of access: answers with its status filled in; nothing is stored. */
export async function createReview(
  request: ApiRequest,
  plural: ReviewPlural,
  { authorizer, tokens }: ReviewServices,
): Promise<StatusAnswer> {
  const kind = reviewKinds[plural];
  const options = writeOptions(request.query, 'CreateOptions');
  const review = decodeAs(await bodyOf(request), kind, { ...options, warnings: request.warnings });
  const spec = (review['spec'] ?? {}) as AccessQuestion & { token?: string; audiences?: string[]; namespace?: string }; // checked by the schema
  const metadata: ObjectMeta = review['metadata'] ?? {};
  const answer = (status: object): StatusAnswer => ({ code: 201, status: { ...review, metadata, spec, status } });
  switch (plural) {
    case 'tokenreviews': {
      if (!spec.token) throw badRequest('token is required for TokenReview in authentication');
      const audiences = spec.audiences?.length ? spec.audiences : undefined;
      const verified = tokens.verify(spec.token, audiences);
      if (!verified) return answer({ user: {}, error: 'invalid bearer token' });
      return answer({ authenticated: true, user: userInfo(verified.user), audiences: verified.audiences });
    }
    case 'selfsubjectreviews': {
      const creationTimestamp = timestamp(request.now);
      const status = { userInfo: userInfo(request.user) };
      return { code: 201, status: { ...review, metadata: { ...metadata, creationTimestamp }, status } };
    }
    case 'selfsubjectrulesreviews':
      if (!spec.namespace) throw badRequest('no namespace on request');
      return {
        code: 201,
        status: { ...review, metadata, spec: {}, status: rulesOf(authorizer, request.user, spec.namespace) },
      };
    default: {
      const { namespace } = request.info;
      checkQuestion(spec, { plural, metadata, namespace });
      const user = plural === 'selfsubjectaccessreviews' ? request.user : subjectOf(spec);
      const { allowed, reason } = authorizer.authorize(attributesOf(user, spec));
      const placed = plural === 'localsubjectaccessreviews' ? { ...metadata, namespace } : metadata;
      const status = { allowed, ...(reason && { reason }) };
      return { code: 201, status: { ...review, metadata: placed, spec, status } };
    }
  }
}

const userInfo = ({ name, uid, groups, extra }: User): object => ({
  username: name,
  ...(uid && { uid }),
  groups,
  ...(extra && { extra }),
});

/** All that a user may do in a namespace. What a node may, no rules tell. */
function rulesOf(authorizer: ClusterAuthorizer, user: User, namespace: string): object {
  const rules = authorizer.rbac.rulesOf(user, namespace);
  const resourceRules = rules.filter(({ nonResourceURLs }) => !nonResourceURLs?.length);
  const nonResourceRules = rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length);
  const incomplete = nodeNameOf(user) !== undefined;
  const evaluationError = 'node authorizer does not support user rule resolution';
  return { resourceRules, nonResourceRules, incomplete, ...(incomplete && { evaluationError }) };
}
