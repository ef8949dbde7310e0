import { ImageError } from '../images/image.ts';
import { canRunAs } from '../runtime/container-user.ts';
import { type ContainerConfig, StartError } from '../runtime/runtime.ts';
import { containerConfig } from './container-config.ts';
import { aboutContainer } from './container-reference.ts';
import { ContainerConfigError, environment } from './environment.ts';
import { hostNetworkEnvironment } from './host-network-environment.ts';
import { runHook } from './lifecycle-hook.ts';
import { logPath } from './log-path.ts';
import type { NodeServices } from './node-services.ts';
import { plainProcessWarning } from './plain-process-warning.ts';
import type { PodSandboxState } from './pod-sandbox.ts';
import { terminationMount } from './termination-messages.ts';
import type { Container, NodePod } from './types.ts';

const POST_START_LIMIT_MS = 10 * 60_000;

/** A container that could not be started: why, as in its `waiting` state. */
export class ContainerNotStarted extends Error {
  override readonly name = 'ContainerNotStarted';
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface StartRequest {
  readonly pod: NodePod;
  readonly container: Container;
  readonly attempt: number;
  readonly sandbox: PodSandboxState;
  readonly volumes: ReadonlyMap<string, string>;
  /** The Pod is to end, or is let go: no hook is waited for any longer. */
  readonly signal: AbortSignal;
}

/** Starts one container of a Pod, with the kubelet's Events. Rejects with {@link ContainerNotStarted}. */
export async function startContainer(node: NodeServices, request: StartRequest): Promise<void> {
  const { pod, container } = request;
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
    node.events.event(aboutContainer(pod, container), type, reason, message);
  const id = await createContainer(node, request);
  tell('Normal', 'Created', 'Container created');
  try {
    await node.runtime.startContainer(id);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell('Warning', 'Failed', `Error: ${message}`);
    throw new ContainerNotStarted(error instanceof StartError ? 'RunContainerError' : 'CreateContainerError', message);
  }
  tell('Normal', 'Started', 'Container started');
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const target = { container, containerId: id, podIP: request.sandbox.ip, runtime: node.runtime };
  try {
    await runHook(hook, target, AbortSignal.any([request.signal, AbortSignal.timeout(POST_START_LIMIT_MS)]));
  } catch (error) {
    if (request.signal.aborted) return;
    tell('Warning', 'FailedPostStartHook', `PostStartHook failed: ${error instanceof Error ? error.message : error}`);
    tell('Normal', 'Killing', 'FailedPostStartHook');
    await node.runtime.stopContainer(id, { graceMs: 2000 });
    throw new ContainerNotStarted('PostStartHookError', 'PostStartHookError');
  }
}

async function createContainer(node: NodeServices, request: StartRequest): Promise<string> {
  const { pod, container, attempt, sandbox, volumes } = request;
  try {
    const image = await resolveImage(node, request);
    const { podIP, hostIP } = { podIP: sandbox.ip, hostIP: node.config.nodeIP };
    const { exposedPorts, ...imageConfig } = image.config;
    const onHost = node.config.network === 'host';
    const told = onHost ? await hostNetworkEnvironment(node.config, { container, exposedPorts, podIP }) : {};
    const warning = onHost && attempt === 0 && image.source !== 'built-in' && plainProcessWarning(pod, container);
    if (warning) node.events.event(pod, 'Warning', 'PlainProcess', warning);
    const env = await environment(pod, container, {
      addresses: { podIP, hostIP },
      allocatable: node.allocatable(),
      services: await node.services(),
      objects: node.objects,
      image: { ...imageConfig, env: { ...imageConfig.env, ...told } },
    });
    const config = containerConfig(pod, container, {
      image,
      env,
      volumes,
      files: [...sandbox.files, terminationMount(node.config, pod, { container, attempt })],
      attempt,
      targetContainerId: await targetOf(node, request),
      logPath: logPath(node.config, pod, { container: container.name, attempt }),
    });
    return await node.runtime.createContainer(sandbox.id, asWhoCanBe(node, request, config));
  } catch (error) {
    if (error instanceof ContainerNotStarted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    node.events.event(aboutContainer(pod, container), 'Warning', 'Failed', `Error: ${message}`);
    const reason = error instanceof ContainerConfigError ? 'CreateContainerConfigError' : 'CreateContainerError';
    throw new ContainerNotStarted(reason, message, { cause: error });
  }
}

/** Without the user that the image names, though not the Pod, where this node has no such id: told in an Event. */
function asWhoCanBe(
  { events }: Pick<NodeServices, 'events'>,
  { pod, container, attempt }: StartRequest,
  config: ContainerConfig,
): ContainerConfig {
  const { user, ...others } = config;
  const asked = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (user === undefined || asked !== undefined || canRunAs(user)) return config;
  const message =
    `Image "${container.image}" wants to run as user ${user.uid}, an id that this node hasn't got. It runs as root of the cluster's ` +
    'user namespace instead, which is the user who started the cluster.';
  if (attempt === 0) events.event(aboutContainer(pod, container), 'Warning', 'ImageUser', message);
  return others;
}

/** The running container that an ephemeral one is aimed at. */
async function targetOf(
  { runtime }: Pick<NodeServices, 'runtime'>,
  { pod, container, sandbox }: StartRequest,
): Promise<string | undefined> {
  const { targetContainerName } = pod.spec.ephemeralContainers?.find(({ name }) => name === container.name) ?? {};
  if (!targetContainerName) return undefined;
  const running = await runtime.listContainers(sandbox.id);
  const target = running.find(({ name, state }) => name === targetContainerName && state === 'running');
  if (!target) throw new ContainerConfigError(`unable to find target container ${JSON.stringify(targetContainerName)}`);
  return target.id;
}

async function resolveImage({ images, events }: NodeServices, { pod, container, attempt }: StartRequest) {
  const name = container.image ?? '';
  const { imagePullPolicy, command, args } = container;
  const about = aboutContainer(pod, container);
  try {
    // The API server has checked the policy.
    const pullPolicy = imagePullPolicy as 'Always' | 'IfNotPresent' | 'Never' | undefined;
    const interactive = container.stdin === true && container.tty === true;
    const image = await images.resolve(name, { pullPolicy, command, args, interactive });
    if (image.warning && attempt === 0) events.event(about, 'Warning', 'HostImage', image.warning);
    const present = `Container image "${name}" already present on machine and can be accessed by the pod`;
    events.event(about, 'Normal', 'Pulled', present);
    return image;
  } catch (error) {
    const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
    const message = error instanceof Error ? error.message : String(error);
    if (reason === 'InvalidImageName') events.event(about, 'Warning', 'InspectFailed', message);
    else if (reason === 'ErrImageNeverPull') events.event(about, 'Warning', reason, message);
    else {
      events.event(about, 'Normal', 'Pulling', `Pulling image "${name}"`);
      events.event(about, 'Warning', 'Failed', `Failed to pull image "${name}": ${message}`);
    }
    events.event(about, 'Warning', 'Failed', `Error: ${reason}`);
    throw new ContainerNotStarted(reason, message, { cause: error });
  }
}
