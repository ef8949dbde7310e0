import { defineCommand } from '../../command.ts';
import { createGenerated, generatorFlags, nameOf } from './generator.ts';
import { ruleFlags, rulesOf } from './rules.ts';

export const command = defineCommand({
  usage: 'create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]',
  summary: 'Create a role with single rule.',
  flags: { ...generatorFlags, ...ruleFlags },
  async run(session, { flags, args }) {
    const metadata = { creationTimestamp: null, name: nameOf(args, 'create role') };
    const rules = await rulesOf(session, flags);
    await createGenerated(session, {
      flags,
      object: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    });
  },
});
