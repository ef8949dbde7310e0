/**
 * Makes certificates. The one file that knows @peculiar/x509, which takes a fifth of a second to load: so it is
 * loaded only when something has to be issued, at the first start and when a year is over.
 */
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { JsonName } from '@peculiar/x509';

/** A certificate and its private key, each a PEM text. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Who or what a certificate speaks for. */
export type Subject =
  | { readonly kind: 'authority'; readonly commonName: string }
  | { readonly kind: 'server'; readonly commonName: string; readonly names: readonly string[] }
  | { readonly kind: 'client'; readonly commonName: string; readonly groups: readonly string[] };

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** Clocks of clients may be behind. */
const SKEW = 60 * 60_000;

/** Issues a certificate; without an issuer it signs itself. */
export async function issue(subject: Subject, issuer?: KeyPair): Promise<KeyPair> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const { subtle } = webcrypto;
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const parent = issuer && new x509.X509Certificate(issuer.cert);
  const signingKey = issuer ? await importKey(issuer.key) : keys.privateKey;
  const authority = subject.kind === 'authority';
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(subject),
    issuer: parent?.subjectName ?? nameOf(subject),
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - SKEW),
    notAfter: new Date(Date.now() + (authority ? AUTHORITY_DAYS : CERTIFICATE_DAYS) * DAY),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(authority, undefined, true),
      new x509.KeyUsagesExtension(
        authority
          ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature
          : x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(parent ? parent.publicKey : keys.publicKey),
      ...(authority
        ? []
        : [
            new x509.ExtendedKeyUsageExtension([
              x509.ExtendedKeyUsage[subject.kind === 'server' ? 'serverAuth' : 'clientAuth'],
            ]),
          ]),
      ...(subject.kind === 'server'
        ? [
            new x509.SubjectAlternativeNameExtension(
              subject.names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
            ),
          ]
        : []),
    ],
  });
  const der = await subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n` };
}

const nameOf = (subject: Subject): JsonName => [
  ...(subject.kind === 'client' ? subject.groups.map((group) => ({ O: [group] })) : []),
  { CN: [subject.commonName] },
];

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const base64 = pem.replace(/-----[^-]+-----|\s/g, '');
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), algorithm, false, ['sign']);
}

/** 16 random bytes, as a positive number (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
