import { invalidValue, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Secret } from '@skiff/api/types';
import { bytesOfBase64, validateImmutable, validateKeys, validateSize } from './config-data.ts';
import { defineStrategy } from './define-strategy.ts';

const accountAnnotation = 'kubernetes.io/service-account.name';

/** A document of a Docker configuration must be there, and be JSON. */
function dockerConfig(data: Readonly<Record<string, string>>, key: string): StatusCause[] {
  const text = data[key];
  if (text === undefined) return [required(`data[${key}]`)];
  try {
    JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return [];
  } catch (error) {
    return [invalidValue(`data[${key}]`, '<secret contents redacted>', String(error))];
  }
}

/** What each type of Secret has to hold. */
function validateType({ type, data = {}, metadata }: Secret): StatusCause[] {
  const needs = (...keys: string[]): StatusCause[] =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (type) {
    case 'kubernetes.io/service-account-token':
      return metadata.annotations?.[accountAnnotation] ? [] : [required(`metadata.annotations[${accountAnnotation}]`)];
    case 'kubernetes.io/dockercfg':
      return dockerConfig(data, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return dockerConfig(data, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return data['username'] === undefined && data['password'] === undefined ? needs('username', 'password') : [];
    case 'kubernetes.io/ssh-auth':
      return needs('ssh-privatekey');
    case 'kubernetes.io/tls':
      return needs('tls.crt', 'tls.key');
    default:
      return [];
  }
}

/** Secrets (upstream: pkg/registry/core/secret). `stringData` is only a way to write `data`. */
export const secretStrategy = defineStrategy<Secret>({
  fields: { type: ({ type }) => type ?? '' },
  default(secret) {
    for (const [key, text] of Object.entries(secret.stringData ?? {})) {
      secret.data ??= {};
      secret.data[key] = Buffer.from(text).toString('base64');
    }
    delete secret.stringData;
    secret.type ??= 'Opaque';
  },
  prepareForUpdate(secret, old) {
    // Clients of old leave it out.
    if (old.type && !secret.type) secret.type = old.type;
  },
  validate(secret) {
    const { data = {} } = secret;
    const bytes = Object.values(data).reduce((sum, text) => sum + bytesOfBase64(text), 0);
    return [...validateKeys(data, 'data'), ...validateSize(bytes, 'data'), ...validateType(secret)];
  },
  validateUpdate(secret, old) {
    const changed = secret.type === old.type ? [] : [invalidValue('type', secret.type, 'field is immutable')];
    return [...changed, ...validateImmutable({ ...secret }, { ...old }, ['data'])];
  },
});
