import { defineCommand } from '../../command.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';
import { bindingFlags, bindingOf } from './subjects.ts';

export const command = defineCommand({
  usage:
    'create clusterrolebinding NAME (--clusterrole=NAME | --role=NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:name]',
  summary: 'Create a clusterrolebinding for a particular role.',
  flags: { ...generatorFlags, ...bindingFlags },
  async run(session, { flags, args }) {
    const metadata = { creationTimestamp: null, name: nameOf(args, 'create clusterrolebinding') };
    await createGenerated(session, {
      flags,
      object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata, ...bindingOf(flags) },
    });
  },
});
