import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, text, time } from './der.ts';

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

/** The authority that signs: what it is called, and its private key as a PEM text. */
export interface Issuer {
  readonly subject: Subject;
  readonly key: string;
}

const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** Clocks of clients may be behind. */
const SKEW = 60 * 60_000;

/**
 * Issues a certificate (RFC 5280) with an ECDSA P-256 key; without an issuer it signs itself. @peculiar/x509 would do the same, but
 * took 200 ms and 20 MB of the first start, which is the one that somebody watches; to write the few fields that we use is short, and
 * node:crypto signs. Reading certificates is all left to node:crypto.
 */
export function issue(subject: Subject, issuer?: Issuer): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKey = issuer ? createPrivateKey(issuer.key) : privateKey;
  const days = subject.kind === 'authority' ? AUTHORITY_DAYS : CERTIFICATE_DAYS;
  const body = sequence(
    explicit(0, integer(Buffer.of(2))), // version 3
    integer(serialNumber()),
    ecdsaWithSha256,
    nameOf(issuer?.subject ?? subject),
    sequence(time(new Date(Date.now() - SKEW)), time(new Date(Date.now() + days * DAY))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(subject, { publicKey, signer: createPublicKey(signingKey) }))),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signingKey)));
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

function nameOf(subject: Subject): Buffer {
  const part = (type: string, value: string): Buffer => set(sequence(oid(type), text(value)));
  const groups = subject.kind === 'client' ? subject.groups : [];
  return sequence(...groups.map((group) => part('2.5.4.10', group)), part('2.5.4.3', subject.commonName));
}

/** Section 4.2.1 of the RFC, by the arc 2.5.29. */
function extensionsOf(subject: Subject, { publicKey, signer }: { publicKey: KeyObject; signer: KeyObject }): Buffer[] {
  const extension = (type: number, value: Buffer): Buffer => sequence(oid(`2.5.29.${type}`), octets(value));
  const critical = (type: number, value: Buffer): Buffer =>
    sequence(oid(`2.5.29.${type}`), boolean(true), octets(value));
  const keyIds = [extension(14, octets(keyId(publicKey))), extension(35, sequence(implicit(0, keyId(signer))))];
  // Key usage: digitalSignature, and for an authority keyCertSign and cRLSign.
  if (subject.kind === 'authority') {
    return [critical(19, sequence(boolean(true))), critical(15, bits(Buffer.of(0b1000_0110), 1)), ...keyIds];
  }
  const purpose = oid(subject.kind === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2');
  return [
    critical(19, sequence()),
    critical(15, bits(Buffer.of(0b1000_0000), 7)),
    ...keyIds,
    extension(37, sequence(purpose)),
    ...(subject.kind === 'server' ? [extension(17, sequence(...subject.names.map(alternativeName)))] : []),
  ];
}

/** No name has a colon in it. (To ask `isIP` for the first time costs 15 ms: its pattern for IPv6 is compiled.) */
const alternativeName = (name: string): Buffer =>
  name.includes(':') || isIPv4(name) ? implicit(7, addressBytes(name)) : implicit(2, Buffer.from(name));

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (part: string): string[] => part.split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail ?? '')];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The hash of the public key's bits: the last 65 bytes of what says that they are a point of P-256. */
const keyId = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }).subarray(-65))
    .digest();

/** 16 random bytes, as a positive number of that length (section 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
