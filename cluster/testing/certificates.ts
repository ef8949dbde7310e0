import { admin } from '@skiff/apiserver/authentication/authenticator';
import { type Certificates, type ClientIdentity, makeCertificates } from '@skiff/apiserver/certificates/certificates';

const administrator: ClientIdentity = { user: admin.name, groups: ['system:masters'] };

let shared: Certificates | undefined;

/**
 * The certificates of a cluster. Those without nodes that need some of their own are made once in a process, since keys are a twentieth of
 * what a cluster in a test costs, and an administrator of one cluster is one of all that the same tests start.
 */
export function certificatesFor(nodes: readonly ClientIdentity[], names: readonly string[] = []): Certificates {
  if (nodes.length > 0) return makeCertificates({ clients: [administrator, ...nodes], names });
  shared ??= makeCertificates({ clients: [administrator] });
  return shared;
}
