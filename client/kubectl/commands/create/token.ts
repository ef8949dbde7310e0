import { defineCommand } from '../../command.ts';
import { list, text } from '../../flags.ts';
import { secondsOf } from '../duration.ts';
import { nameOf } from './generator.ts';

export const command = defineCommand({
  usage: 'create token SERVICE_ACCOUNT_NAME',
  summary: 'Request a service account token.',
  flags: {
    audience: list(),
    duration: text(),
    'bound-object-kind': text(),
    'bound-object-name': text(),
    'bound-object-uid': text(),
  },
  async run(session, { flags, args }) {
    const name = nameOf(args, 'create token');
    const bound = flags['bound-object-kind'] && {
      boundObjectRef: {
        kind: flags['bound-object-kind'],
        apiVersion: 'v1',
        name: flags['bound-object-name'],
        uid: flags['bound-object-uid'],
      },
    };
    const spec = {
      ...(flags.audience.length > 0 && { audiences: flags.audience }),
      ...(flags.duration && { expirationSeconds: secondsOf(flags.duration) }),
      ...bound,
    };
    const accounts = session.client.resource('ServiceAccount');
    const key = { namespace: session.namespace, name };
    const answer = await accounts.subresource<{ status: { token: string } }>(key, 'token', 'POST', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec,
    });
    session.out(answer.status.token);
  },
});
