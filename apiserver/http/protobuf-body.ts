import { apiVersionOf, kinds } from '@skiff/api/kinds';
import { fromProtobuf } from '@skiff/api/schema/protobuf';
import { bytesOf, MalformedProtobuf, toText } from '@skiff/api/schema/protobuf-reader';
import { schemaFor } from '@skiff/api/schema/schema';
import { badRequest, unsupportedMediaType } from '@skiff/api/status';

/** The media type of Kubernetes' protobuf encoding, in which Go's typed clients write. */
export const protobufType = 'application/vnd.kubernetes.protobuf';

/** Every body begins with these four bytes: `k8s` and a zero. */
const magic = Buffer.from('k8s\0');

/** What is sent and is no stored kind. */
const others: Readonly<Record<string, string>> = {
  DeleteOptions: 'V1DeleteOptions',
  Scale: 'V1Scale',
  Binding: 'V1Binding',
  Eviction: 'V1Eviction',
  TokenRequest: 'AuthenticationV1TokenRequest',
  TokenReview: 'V1TokenReview',
  SelfSubjectReview: 'V1SelfSubjectReview',
  SubjectAccessReview: 'V1SubjectAccessReview',
  SelfSubjectAccessReview: 'V1SelfSubjectAccessReview',
  LocalSubjectAccessReview: 'V1LocalSubjectAccessReview',
  SelfSubjectRulesReview: 'V1SelfSubjectRulesReview',
};

function modelOf(apiVersion: string, kind: string): string | undefined {
  const found = kinds.find((one) => one.kind === kind && apiVersionOf(one) === apiVersion);
  return found?.model ?? (Object.hasOwn(others, kind) ? others[kind] : undefined);
}

/**
 * Reads a body in Kubernetes' protobuf encoding as the JSON object that it stands for (upstream:
 * apimachinery/pkg/runtime/serializer/protobuf). Throws 400 for what is none, and 415 for kinds that have no such encoding.
 */
export function parseProtobuf(body: Buffer): object {
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw badRequest('the body does not begin as protobuf of Kubernetes does');
  }
  try {
    // runtime.Unknown: the type, and the object as bytes.
    const envelope = body.subarray(magic.length);
    const type = bytesOf(envelope, 1);
    const [apiVersion, kind] = [toText(bytesOf(type, 1)), toText(bytesOf(type, 2))];
    const model = modelOf(apiVersion, kind);
    if (!model) throw unsupportedMediaType(`${apiVersion}, Kind=${kind} has no protobuf encoding`);
    return { ...fromProtobuf(bytesOf(envelope, 2), schemaFor(model)), apiVersion, kind };
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw badRequest(`the body is not protobuf: ${error.message}`);
    throw error;
  }
}
