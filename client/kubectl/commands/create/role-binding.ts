import { defineCommand } from '../../command.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';
import { bindingFlags, bindingOf } from './subjects.ts';

export const command = defineCommand({
  usage:
    'create rolebinding NAME (--clusterrole=NAME | --role=NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:name]',
  summary: 'Create a rolebinding for a particular role.',
  flags: { ...generatorFlags, ...bindingFlags },
  async run(session, { flags, args }) {
    const metadata = { creationTimestamp: null, name: nameOf(args, 'create rolebinding') };
    await createGenerated(session, {
      flags,
      object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, ...bindingOf(flags) },
    });
  },
});
