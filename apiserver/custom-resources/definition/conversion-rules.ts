import { forbiddenField, notSupported, required } from '@skiff/api/causes';
import type { StatusCause } from '@skiff/api/status';
import type { Definition } from './definition.ts';

/** Versions are converted by changing their name: webhooks are not called, and a definition that asks for one is refused. */
export function conversionFaults(conversion: Definition['spec']['conversion'], path: string): StatusCause[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const field = `${path}.strategy`;
  if (!strategy) return [required(field)];
  if (strategy === 'Webhook') {
    return [forbiddenField(field, 'this server does not call conversion webhooks; use None')];
  }
  if (strategy !== 'None') return [notSupported(field, strategy, ['None', 'Webhook'])];
  if (!webhook) return [];
  const rule = 'should not be set when strategy is not set to Webhook';
  return [
    ...(webhook.clientConfig ? [forbiddenField(`${path}.webhookClientConfig`, rule)] : []),
    ...(webhook.conversionReviewVersions?.length ? [forbiddenField(`${path}.conversionReviewVersions`, rule)] : []),
  ];
}
