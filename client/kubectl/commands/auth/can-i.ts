import { defineCommand } from '../../command.ts';
import { type Rule, ruleLines } from '../../describe/rules.ts';
import { CommandError } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import { TabWriter, tableTabs } from '../../print/tab-writer.ts';
import { selectorFlags } from '../../resources/selection.ts';
import type { Session } from '../../session.ts';

const reviews = '/apis/authorization.k8s.io/v1';

/** `kubectl auth can-i`: whether one may do something, as the server decides it. */
export const command = defineCommand({
  usage: 'auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  summary: 'Check whether an action is allowed.',
  flags: {
    'all-namespaces': selectorFlags['all-namespaces'],
    list: bool(),
    quiet: bool('q'),
    subresource: text(),
    'no-headers': bool(),
  },
  async run(session, { flags, args }) {
    if (flags.list) return listRules(session, flags['no-headers']);
    const [verb, what] = args;
    if (!verb || !what || args.length > 3)
      throw new CommandError('you must specify two arguments: verb resource or verb resource/resourceName.');
    const namespace = flags['all-namespaces'] ? '' : session.namespace;
    const spec = what.startsWith('/')
      ? { nonResourceAttributes: { verb, path: what } }
      : {
          resourceAttributes: await resourceAttributes(session, {
            verb,
            what,
            name: args[2],
            namespace,
            subresource: flags.subresource,
          }),
        };
    const review = await session.client.request<{
      status: { allowed: boolean; reason?: string; evaluationError?: string };
    }>({
      method: 'POST',
      path: `${reviews}/selfsubjectaccessreviews`,
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
      signal: session.signal,
    });
    const { allowed, reason, evaluationError } = review.status;
    if (!flags.quiet) {
      const why = [reason, evaluationError].filter(Boolean).join(' - ');
      session.out(allowed ? 'yes' : `no${why ? ` - ${why}` : ''}`);
    }
    if (!allowed) throw new CommandError('', 1);
  },
});

async function resourceAttributes(
  session: Session,
  asked: { verb: string; what: string; name: string | undefined; namespace: string; subresource: string | undefined },
): Promise<object> {
  const [type = '', ownName] = asked.what.split('/');
  const found = type === '*' ? undefined : await session.resources.find(type);
  if (!found && type !== '*') session.err(`Warning: the server doesn't have a resource type '${type}'\n`);
  if (found && !found.namespaced)
    session.err(
      `Warning: resource '${found.plural}' is not namespace scoped${found.group ? ` in group '${found.group}'` : ''}\n`,
    );
  const name = ownName ?? asked.name;
  return {
    verb: asked.verb,
    group: found?.group ?? '',
    resource: found?.plural ?? type,
    ...(name && { name }),
    ...(asked.subresource && { subresource: asked.subresource }),
    ...(found?.namespaced !== false && asked.namespace && { namespace: asked.namespace }),
  };
}

async function listRules(session: Session, noHeaders: boolean): Promise<void> {
  const review = await session.client.request<{ status: { resourceRules?: Rule[]; nonResourceRules?: Rule[] } }>({
    method: 'POST',
    path: `${reviews}/selfsubjectrulesreviews`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: session.namespace },
    },
    signal: session.signal,
  });
  const { resourceRules = [], nonResourceRules = [] } = review.status;
  const rows = ruleLines([...resourceRules, ...nonResourceRules]);
  const titles = noHeaders ? [] : ['Resources\tNon-Resource URLs\tResource Names\tVerbs'];
  session.io.out(new TabWriter(tableTabs).format([...titles, ...rows].map((row) => `${row}\n`).join('')));
}
