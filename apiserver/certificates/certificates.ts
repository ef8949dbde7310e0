import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { type Issuer, issue, type KeyPair, type Subject } from './issue.ts';

export type { KeyPair };

/** What runs out within this time is made anew, in milliseconds. */
export const RENEW_BEFORE = 30 * 86_400_000;

/** The names and addresses that the API server is reached under. */
export const servingNames: readonly string[] = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '::1',
  '10.96.0.1',
  '172.18.0.1',
];

const authority: Subject = { kind: 'authority', commonName: 'skiff-ca' };

/** A client certificate to be made: CN = user, O = groups. */
export interface ClientIdentity {
  readonly user: string;
  readonly groups?: readonly string[];
}

/** Everything as PEM texts. */
export interface Certificates {
  /** The authority that signs everything, for clients to trust. */
  readonly ca: string;
  readonly serving: KeyPair;
  /** By user name. */
  readonly clients: ReadonlyMap<string, KeyPair>;
  /** The private key that signs service-account tokens (ECDSA P-256, for ES256). */
  readonly serviceAccountKey: string;
}

export interface CertificateOptions {
  readonly clients?: readonly ClientIdentity[];
  /** Names of the server beside {@link servingNames}. */
  readonly names?: readonly string[];
}

/**
 * Reads the certificates of a cluster from a folder, and makes what is missing, runs out within {@link RENEW_BEFORE}, or no longer says
 * what it should. The folder is 0700, its files are 0600. May be called at each start; what is good stays as it is.
 */
export function ensureCertificates(folder: string, options: CertificateOptions = {}): Certificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const certificates = assemble((name, subject, issuer) => ensure(join(folder, `${name}.pem`), subject, issuer), {
    ...options,
    serviceAccountKey: ensureSigningKey(join(folder, 'service-account.key')),
  });
  writeIfOther(join(folder, 'ca.crt'), certificates.ca);
  return certificates;
}

/** The certificates of a cluster that leaves nothing behind: they are kept nowhere. */
export function makeCertificates(options: CertificateOptions = {}): Certificates {
  return assemble((_name, subject, issuer) => issue(subject, issuer), {
    ...options,
    serviceAccountKey: makeSigningKey(),
  });
}

function assemble(
  pair: (name: string, subject: Subject, issuer?: Issuer & KeyPair) => KeyPair,
  { clients = [], names = [], serviceAccountKey }: CertificateOptions & { serviceAccountKey: string },
): Certificates {
  const ca = pair('ca', authority);
  const issuer = { subject: authority, ...ca };
  const allNames = [...new Set([...servingNames, ...names])];
  const serving = pair('server', { kind: 'server', commonName: 'kubernetes', names: allNames }, issuer);
  const pairs = clients.map(({ user, groups = [] }): [string, KeyPair] => [
    user,
    pair(`client-${fileName(user)}`, { kind: 'client', commonName: user, groups }, issuer),
  ]);
  return { ca: ca.cert, serving, clients: new Map(pairs), serviceAccountKey };
}

/** Certificate and key share one file, so that no crash can leave one without the other. */
function ensure(path: string, subject: Subject, issuer?: Issuer & KeyPair): KeyPair {
  const there = read(path);
  if (there && isGood(there.cert, subject, issuer)) return there;
  const made = issue(subject, issuer);
  write(path, made.cert + made.key);
  return made;
}

function read(path: string): KeyPair | undefined {
  if (!existsSync(path)) return undefined;
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n?/g) ?? [];
  const cert = blocks.find((block) => block.includes(' CERTIFICATE-'));
  const key = blocks.find((block) => block.includes(' PRIVATE KEY-'));
  return cert && key ? { cert, key } : undefined;
}

function isGood(pem: string, subject: Subject, issuer: KeyPair | undefined): boolean {
  const certificate = new X509Certificate(pem);
  const parent = issuer ? new X509Certificate(issuer.cert) : certificate;
  const lines = [
    ...(subject.kind === 'client' ? subject.groups.map((group) => `O=${group}`) : []),
    `CN=${subject.commonName}`,
  ];
  return (
    certificate.validToDate.getTime() > Date.now() + RENEW_BEFORE &&
    certificate.verify(parent.publicKey) &&
    certificate.subject === lines.join('\n') &&
    (subject.kind !== 'server' ||
      subject.names.every((name) =>
        isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name, { subject: 'never' }),
      ))
  );
}

function ensureSigningKey(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const pem = makeSigningKey();
  write(path, pem);
  return pem;
}

function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function writeIfOther(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) write(path, text);
}

/** Whoever looks sees the old file or the new one, never half. */
function write(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600, flush: true });
  renameSync(temporary, path);
}

/** `system:node:node1` stays readable; what a path could not hold is escaped. */
const fileName = (user: string): string => encodeURIComponent(user).replaceAll('%3A', ':');
