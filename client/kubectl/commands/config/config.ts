import { existsSync } from 'node:fs';
import type { KubeObject } from '@skiff/api/meta';
import type { Command } from '../../command.ts';
import { defineCommand } from '../../command.ts';
import { CommandError } from '../../failure.ts';
import { bool, text } from '../../flags.ts';
import { objectPrinter } from '../../print/object-printer.ts';
import { TabWriter, tableTabs } from '../../print/tab-writer.ts';
import type { Session } from '../../session.ts';
import { KubeconfigFile, type Section } from './kubeconfig-file.ts';

/** The file that is read and written: the first that exists, or the first. */
function fileOf(session: Session): KubeconfigFile {
  const paths = session.kubeconfigPaths();
  return new KubeconfigFile(paths.find((path) => existsSync(path)) ?? paths[0] ?? 'kubeconfig');
}

const one = (args: readonly string[], what: string): string => {
  const [name] = args;
  if (args.length !== 1 || name === undefined) throw new CommandError(`name exactly one ${what}`);
  return name;
};

const currentContext = defineCommand({
  usage: 'config current-context',
  summary: 'Display the current-context.',
  flags: {},
  async run(session) {
    const { currentContext: name } = fileOf(session);
    if (!name) throw new CommandError('current-context is not set');
    session.out(name);
  },
});

const useContext = defineCommand({
  usage: 'config use-context CONTEXT_NAME',
  summary: 'Set the current-context in a kubeconfig file.',
  flags: {},
  async run(session, { args }) {
    const name = one(args, 'context');
    const file = fileOf(session);
    if (!file.names('contexts').includes(name))
      throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
    file.currentContext = name;
    file.save();
    session.out(`Switched to context ${JSON.stringify(name)}.`);
  },
});

const getContexts = defineCommand({
  usage: 'config get-contexts [(-o|--output=)name]',
  summary: 'Describe one or many contexts.',
  flags: { output: text('o'), 'no-headers': bool() },
  async run(session, { flags, args }) {
    const file = fileOf(session);
    const entries = file.entries('contexts').filter(({ name }) => args.length === 0 || args.includes(name));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (flags.output === 'name') {
      for (const { name } of entries) session.out(name);
      return;
    }
    const rows = entries.map(({ name, fields }) => {
      const field = (member: string): string => String(fields[member] ?? '');
      return `${name === file.currentContext ? '*' : ''}\t${name}\t${field('cluster')}\t${field('user')}\t${field('namespace')}\n`;
    });
    const titles = flags['no-headers'] ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n';
    session.io.out(new TabWriter(tableTabs).format(titles + rows.join('')));
  },
});

const setContext = defineCommand({
  usage:
    'config set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  summary: 'Set a context entry in kubeconfig.',
  flags: { current: bool(), cluster: text(), user: text(), namespace: text('n') },
  async run(session, { flags, args }) {
    const file = fileOf(session);
    const name = flags.current ? file.currentContext : one(args, 'context');
    if (!name) throw new CommandError('no current context is set');
    const { cluster, user, namespace } = flags;
    const known = file.merge('contexts', name, {
      ...(cluster && { cluster }),
      ...(user && { user }),
      ...(namespace && { namespace }),
    });
    file.save();
    session.out(`Context ${JSON.stringify(name)} ${known ? 'modified' : 'created'}.`);
  },
});

const renameContext = defineCommand({
  usage: 'config rename-context CONTEXT_NAME NEW_NAME',
  summary: 'Rename a context from the kubeconfig file.',
  flags: {},
  async run(session, { args }) {
    const [from = '', to = ''] = args;
    const file = fileOf(session);
    const known = file.entries('contexts').find(({ name }) => name === from);
    if (!known) throw new CommandError(`cannot rename the context ${JSON.stringify(from)}, it's not in ${file.path}`);
    if (file.names('contexts').includes(to))
      throw new CommandError(
        `cannot rename the context ${JSON.stringify(from)}, the context ${JSON.stringify(to)} already exists in ${file.path}`,
      );
    file.remove('contexts', from);
    file.merge('contexts', to, known.fields);
    if (file.currentContext === from) file.currentContext = to;
    file.save();
    session.out(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.`);
  },
});

const view = defineCommand({
  usage: 'config view [flags]',
  summary: 'Display merged kubeconfig settings or a specified kubeconfig file.',
  flags: { output: text('o', 'yaml'), raw: bool(), minify: bool(), flatten: bool() },
  async run(session, { flags }) {
    const file = fileOf(session);
    const config = file.toJS();
    const shown = flags.raw ? config : withoutSecrets(config);
    const whole: Record<string, unknown> = {
      apiVersion: 'v1',
      clusters: null,
      contexts: null,
      'current-context': '',
      kind: 'Config',
      preferences: {},
      users: null,
      ...shown,
    };
    if (flags.minify) keepCurrent(whole, session.flags.context ?? file.currentContext);
    // It is printed as if it were an object.
    session.io.out(objectPrinter(flags.output).format(whole as unknown as KubeObject));
  },
});

/** What must not be read over somebody's shoulder. */
function withoutSecrets(value: unknown, name = ''): Record<string, unknown> {
  const hide = (member: unknown, key: string): unknown => {
    if (Array.isArray(member)) return member.map((item) => hide(item, ''));
    if (typeof member === 'object' && member !== null) return withoutSecrets(member, key);
    if (key === 'certificate-authority-data') return 'DATA+OMITTED';
    if (key === 'client-certificate-data' || key === 'client-key-data') return 'DATA+OMITTED';
    return ['token', 'password'].includes(key) ? 'REDACTED' : member;
  };
  return Object.fromEntries(Object.entries(Object(value)).map(([key, member]) => [key, hide(member, key || name)]));
}

function keepCurrent(config: Record<string, unknown>, context: string): void {
  const keep = (section: Section, name: unknown): void => {
    const list = config[section];
    config[section] = Array.isArray(list) ? list.filter((entry: { name?: string }) => entry.name === name) : null;
  };
  keep('contexts', context);
  const [found] = Array.isArray(config['contexts']) ? config['contexts'] : [];
  const { cluster, user } = Object(found?.context);
  keep('clusters', cluster);
  keep('users', user);
  config['current-context'] = context;
}

/** `get-clusters`, `delete-user`, ...: the same for each section. */
function listing(section: Section): Command {
  return defineCommand({
    usage: `config get-${section}`,
    summary: `Display ${section} defined in the kubeconfig.`,
    flags: {},
    async run(session) {
      session.out('NAME');
      for (const name of fileOf(session).names(section).toSorted()) session.out(name);
    },
  });
}

function deleting(section: Section): Command {
  const singular = section.slice(0, -1);
  return defineCommand({
    usage: `config delete-${singular} NAME`,
    summary: `Delete the specified ${singular} from the kubeconfig.`,
    flags: {},
    async run(session, { args }) {
      const name = one(args, singular);
      const file = fileOf(session);
      if (!file.remove(section, name)) throw new CommandError(`cannot delete ${singular} ${name}, not in ${file.path}`);
      if (section === 'contexts' && file.currentContext === name)
        session.err(
          'warning: this removed your active context, use "kubectl config use-context" to select a different one',
        );
      file.save();
      session.out(`deleted ${singular} ${name} from ${file.path}`);
    },
  });
}

/** The commands of `kubectl config` by name. */
export const configCommands: Readonly<Record<string, Command>> = {
  'current-context': currentContext,
  'use-context': useContext,
  use: useContext,
  'get-contexts': getContexts,
  'set-context': setContext,
  'rename-context': renameContext,
  view,
  'get-clusters': listing('clusters'),
  'get-users': listing('users'),
  'delete-context': deleting('contexts'),
  'delete-cluster': deleting('clusters'),
  'delete-user': deleting('users'),
};
