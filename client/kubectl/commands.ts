import type { Command } from './command.ts';
import { type Choice, CommandGroup } from './command-group.ts';

interface Row {
  readonly summary: string;
  /** Loads what the words after the name mean. */
  load(words: readonly string[]): Promise<Choice>;
}

type Load = () => Promise<{ command: Command }>;

const one = (summary: string, load: Load): Row => ({
  summary,
  load: async () => ({ command: (await load()).command }),
});

/** A command that consists of others: `rollout status`. */
const group = (
  name: string,
  summary: string,
  commands: Readonly<Record<string, Load>>,
  options: { otherwise?: Load } = {},
): Row => ({ summary, load: (words) => new CommandGroup(name, commands, options).choose(words) });

/** Every command by its name. A command's file is loaded when it is called: starting must be quick. */
export const commands: Readonly<Record<string, Row>> = {
  get: one('Display one or many resources', () => import('./commands/get.ts')),
  describe: one('Show details of a specific resource or group of resources', () => import('./commands/describe.ts')),
  apply: one('Apply a configuration to a resource by file name or stdin', () => import('./commands/apply.ts')),
  create: group(
    'create',
    'Create a resource from a file or from stdin',
    {
      namespace: () => import('./commands/create/namespace.ts'),
      ns: () => import('./commands/create/namespace.ts'),
      deployment: () => import('./commands/create/deployment.ts'),
      deploy: () => import('./commands/create/deployment.ts'),
      configmap: () => import('./commands/create/config-map.ts'),
      cm: () => import('./commands/create/config-map.ts'),
      secret: () => import('./commands/create/secret.ts'),
      service: () => import('./commands/create/service.ts'),
      svc: () => import('./commands/create/service.ts'),
      serviceaccount: () => import('./commands/create/service-account.ts'),
      sa: () => import('./commands/create/service-account.ts'),
      token: () => import('./commands/create/token.ts'),
      job: () => import('./commands/create/job.ts'),
      role: () => import('./commands/create/role.ts'),
      clusterrole: () => import('./commands/create/cluster-role.ts'),
      rolebinding: () => import('./commands/create/role-binding.ts'),
      clusterrolebinding: () => import('./commands/create/cluster-role-binding.ts'),
    },
    { otherwise: () => import('./commands/create/from-files.ts') },
  ),
  delete: one(
    'Delete resources by file names, stdin, resources and names, or by resources and label selector',
    () => import('./commands/delete.ts'),
  ),
  logs: one('Print the logs for a container in a pod', () => import('./commands/logs.ts')),
  rollout: group('rollout', 'Manage the rollout of a resource', {
    status: () => import('./commands/rollout/status.ts'),
    history: () => import('./commands/rollout/history.ts'),
    undo: () => import('./commands/rollout/undo.ts'),
    restart: () => import('./commands/rollout/restart.ts'),
    pause: () => import('./commands/rollout/pause.ts'),
    resume: () => import('./commands/rollout/resume.ts'),
  }),
  scale: one(
    'Set a new size for a deployment, replica set, or replication controller',
    () => import('./commands/scale.ts'),
  ),
  expose: one(
    'Take a replication controller, service, deployment or pod and expose it as a new service',
    () => import('./commands/expose.ts'),
  ),
  run: one('Run a particular image on the cluster', () => import('./commands/run.ts')),
  label: one('Update the labels on a resource', () => import('./commands/label.ts')),
  annotate: one('Update the annotations on a resource', () => import('./commands/annotate.ts')),
  why: one(
    'Follow one Service link by link, and name the first that is broken (not in kubectl)',
    () => import('./commands/why.ts'),
  ),
  patch: one('Update fields of a resource', () => import('./commands/patch.ts')),
  replace: one('Replace a resource by file name or stdin', () => import('./commands/replace.ts')),
  edit: one('Edit a resource on the server', () => import('./commands/edit.ts')),
  diff: one('Diff the live version against a would-be applied version', () => import('./commands/diff.ts')),
  set: group('set', 'Set specific features on objects', {
    image: () => import('./commands/set/image.ts'),
    selector: () => import('./commands/set/selector.ts'),
    env: () => import('./commands/set/env.ts'),
  }),
  exec: one('Execute a command in a container', () => import('./commands/exec.ts')),
  attach: one('Attach to a running container', () => import('./commands/attach.ts')),
  cp: one('Copy files and directories to and from containers', () => import('./commands/cp.ts')),
  'port-forward': one('Forward one or more local ports to a pod', () => import('./commands/port-forward.ts')),
  proxy: one('Run a proxy to the Kubernetes API server', () => import('./commands/proxy.ts')),
  explain: one('Get documentation for a resource', () => import('./commands/explain.ts')),
  events: one('List events', () => import('./commands/events.ts')),
  cordon: one('Mark node as unschedulable', () => import('./commands/cordon.ts')),
  uncordon: one('Mark node as schedulable', () => import('./commands/uncordon.ts')),
  drain: one('Drain node in preparation for maintenance', () => import('./commands/drain.ts')),
  taint: one('Update the taints on one or more nodes', () => import('./commands/taint.ts')),
  auth: group('auth', 'Inspect authorization', {
    'can-i': () => import('./commands/auth/can-i.ts'),
    whoami: () => import('./commands/auth/whoami.ts'),
  }),
  'api-resources': one('Print the supported API resources on the server', () => import('./commands/api-resources.ts')),
  'api-versions': one('Print the supported API versions on the server', () => import('./commands/api-versions.ts')),
  config: {
    summary: 'Modify kubeconfig files',
    load: async (words) => {
      const { configCommands } = await import('./commands/config/config.ts');
      const loads = Object.entries(configCommands).map(([name, command]) => [name, async () => ({ command })] as const);
      return new CommandGroup('config', Object.fromEntries(loads)).choose(words);
    },
  },
  version: one('Print the client and server version information', () => import('./commands/version.ts')),
  completion: one('Output shell completion code', () => import('./commands/completion.ts')),
  __complete: one('Words that may come next', () => import('./commands/complete.ts')),
  wait: one('Wait for a specific condition on one or many resources', () => import('./commands/wait.ts')),
};
