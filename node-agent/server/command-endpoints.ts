import { badRequest } from '@skiff/api/status';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { acceptCommand } from '../streaming/accept-command.ts';
import { remoteCommandOptions, serveCommand } from '../streaming/remote-command.ts';
import type { UpgradeEndpoint } from './agent-server.ts';
import type { NodePods } from './node-pods.ts';

interface CommandEndpointOptions {
  readonly pods: NodePods;
  readonly runtime: Pick<ContainerRuntime, 'exec' | 'attach'>;
}

/** `/exec/NAMESPACE/POD/CONTAINER?command=...&stdin=true&tty=true`: runs a command in a container. */
export function execEndpoint({ pods, runtime }: CommandEndpointOptions): UpgradeEndpoint {
  return async ({ segments, query }, upgrade) => {
    const [namespace = '', name = '', container = ''] = segments;
    const command = query.getAll('command');
    if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
    const options = remoteCommandOptions(query);
    const { id } = await pods.running(pods.pod(namespace, name), container);
    const { stdin, tty } = options;
    await serveCommand(await acceptCommand(upgrade, options), (signal) =>
      runtime.exec(id, { command, stdin, tty, signal }),
    );
  };
}

/** `/attach/NAMESPACE/POD/CONTAINER?stdin=true&stdout=true`: the streams of a container's own program. */
export function attachEndpoint({ pods, runtime }: CommandEndpointOptions): UpgradeEndpoint {
  return async ({ segments, query }, upgrade) => {
    const [namespace = '', name = '', container = ''] = segments;
    const options = remoteCommandOptions(query);
    const { id } = await pods.running(pods.pod(namespace, name), container);
    const { stdin } = options;
    await serveCommand(await acceptCommand(upgrade, options), (signal) => runtime.attach(id, { stdin, signal }));
  };
}
