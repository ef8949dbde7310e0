import { X509Certificate } from 'node:crypto';
import { forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1035Label } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import type { Definition } from './definition.ts';

type Conversion = NonNullable<Definition['spec']['conversion']>;
type ClientConfig = NonNullable<NonNullable<Conversion['webhook']>['clientConfig']>;

/** Versions of ConversionReview that kube-apiserver speaks. */
const reviewVersions = ['v1', 'v1beta1'];

/** How versions are converted (upstream: validateCustomResourceConversion). */
export function conversionFaults(conversion: Definition['spec']['conversion'], path: string): StatusCause[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const field = `${path}.strategy`;
  if (strategy === 'Webhook') return webhookFaults(webhook, path);
  const causes: StatusCause[] = [];
  if (!strategy) causes.push(required(field));
  else if (strategy !== 'None') causes.push(notSupported(field, strategy, ['None', 'Webhook']));
  const rule = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig) causes.push(forbiddenField(`${path}.webhookClientConfig`, rule));
  if (webhook?.conversionReviewVersions?.length) {
    causes.push(forbiddenField(`${path}.conversionReviewVersions`, rule));
  }
  return causes;
}

function webhookFaults(webhook: Conversion['webhook'], path: string): StatusCause[] {
  const config = webhook?.clientConfig;
  const field = `${path}.webhookClientConfig`;
  return [
    ...(config ? clientFaults(config, field) : [required(field, 'required when strategy is set to Webhook')]),
    ...(config?.caBundle ? bundleFaults(config.caBundle, `${field}.caBundle`) : []),
    ...reviewFaults(webhook?.conversionReviewVersions ?? [], `${path}.conversionReviewVersions`),
  ];
}

function reviewFaults(versions: readonly string[], field: string): StatusCause[] {
  if (versions.length === 0) return [required(field)];
  const causes = versions.flatMap((version, index) => {
    const at = `${field}[${index}]`;
    if (versions.indexOf(version) < index) return [invalidValue(at, version, 'duplicate version')];
    return invalidBy(dns1035Label, at, version);
  });
  if (versions.some((version) => reviewVersions.includes(version))) return causes;
  return [...causes, invalidValue(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)];
}

function clientFaults({ url, service }: ClientConfig, field: string): StatusCause[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(field, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlFaults(url, `${field}.url`);
  const { name, namespace, path, port = 443 } = service ?? {};
  const causes: StatusCause[] = [];
  const at = `${field}.service`;
  if (!name) causes.push(required(`${at}.name`, 'service name is required'));
  if (!namespace) causes.push(required(`${at}.namespace`, 'service namespace is required'));
  if (port < 1 || port > 65535) {
    causes.push(invalidValue(`${at}.port`, port, `port is not valid: must be between 1 and 65535, inclusive`));
  }
  if (path !== undefined && !path.startsWith('/')) {
    causes.push(invalidValue(`${at}.path`, path, "must start with a '/'"));
  }
  return causes;
}

/** The certificates that a webhook is trusted by (upstream: ValidateCABundle). */
function bundleFaults(bundle: string, field: string): StatusCause[] {
  const pem = Buffer.from(bundle, 'base64').toString();
  const wrong = (why: string): StatusCause[] => [
    invalidValue(field, bundle, `unable to load root certificates: ${why}`),
  ];
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (!certificates) return wrong('unable to parse bytes as PEM block');
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
    return [];
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

/** The address of a webhook (upstream: apiserver/pkg/util/webhook/validation.go). */
function urlFaults(text: string, field: string): StatusCause[] {
  const form = 'desired format: https://host[/path]';
  if (!URL.canParse(text)) {
    return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI; ${form}`)];
  }
  const { protocol, host, username, hash, search } = new URL(text);
  const wrong = (value: string, rule: string): StatusCause => invalidValue(field, value, rule);
  return [
    ...(protocol === 'https:' ? [] : [wrong(protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`)]),
    ...(host ? [] : [wrong(host, `host must be specified; ${form}`)]),
    ...(username ? [wrong(username, 'user information is not permitted in the URL')] : []),
    ...(hash ? [wrong(hash.slice(1), 'fragments are not permitted in the URL')] : []),
    ...(search ? [wrong(search.slice(1), 'query parameters are not permitted in the URL')] : []),
  ];
}
