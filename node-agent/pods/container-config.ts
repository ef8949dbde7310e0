import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Image, programOf } from '../images/image.ts';
import { type ImageUser, imageUser } from '../images/image-user.ts';
import type { ContainerConfig, Mount } from '../runtime/runtime.ts';
import { ContainerConfigError } from './environment.ts';
import { expand } from './expansion.ts';
import { type Container, describePod, type NodePod, type Volume } from './types.ts';

export interface ContainerParts {
  readonly image: Image;
  readonly env: Readonly<Record<string, string>>;
  /** Paths of the Pod's volumes, by name. */
  readonly volumes: ReadonlyMap<string, string>;
  /** Files that every container of the Pod gets, as /etc/hosts. */
  readonly files: readonly Mount[];
  /** Whose processes a container for debugging sees. */
  readonly targetContainerId?: string | undefined;
  readonly attempt: number;
  readonly logPath: string;
}

/** A container as the runtime wants it. Throws a {@link ContainerConfigError} where the Pod asks for what can't be. */
export function containerConfig(pod: NodePod, container: Container, parts: ContainerParts): ContainerConfig {
  const { image, env, attempt, logPath } = parts;
  const expanded = (texts: readonly string[] | undefined): string[] | undefined =>
    texts?.map((text) => expand(text, env));
  const args = programOf(image.config, { command: expanded(container.command), args: expanded(container.args) });
  if (args.length === 0) throw new ContainerConfigError('no command specified');
  const { allowPrivilegeEscalation, capabilities, privileged, readOnlyRootFilesystem } =
    container.securityContext ?? {};
  const user = userOf(pod, container, image);
  const workingDir = container.workingDir || image.config.workingDir;
  const mounts = volumeMounts(pod, container, parts);
  const own = parts.files.filter(({ target }) => !mounts.some((mount) => mount.target === target));
  return {
    name: container.name,
    attempt,
    image: image.filesystem,
    args,
    env,
    ...(workingDir && { workingDir }),
    mounts: [...own, ...mounts],
    logPath,
    ...(container.stdin && { stdin: true, ...(container.stdinOnce && { stdinOnce: true }) }),
    ...(container.tty && { tty: true }),
    ...(user && { user }),
    ...(capabilities && { capabilities: { add: capabilities.add ?? [], drop: capabilities.drop ?? [] } }),
    ...(privileged && { privileged }),
    ...(allowPrivilegeEscalation === false && { noNewPrivileges: true }),
    ...(readOnlyRootFilesystem && { readOnlyRoot: true }),
    ...(parts.targetContainerId && { targetContainerId: parts.targetContainerId }),
  };
}

/** Undefined for root, which every image is run as that names no other user. */
function userOf(pod: NodePod, container: Container, image: Image): ContainerConfig['user'] {
  const context = { ...pod.spec.securityContext, ...container.securityContext };
  const own = context.runAsUser === undefined ? userOfImage(image) : { uid: context.runAsUser, gid: 0 };
  const uid = own.uid;
  const gid = context.runAsGroup ?? own.gid;
  if (context.runAsNonRoot === true && uid === 0) {
    const why =
      context.runAsUser === 0
        ? "container's runAsUser breaks non-root policy"
        : 'container has runAsNonRoot and image will run as root';
    throw new ContainerConfigError(`${why} (pod: "${describePod(pod)}", container: ${container.name})`);
  }
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  const groups = [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])].filter((group) => group !== 0);
  if (uid === 0 && gid === 0 && groups.length === 0) return undefined;
  return { uid, gid, ...(groups.length > 0 && { groups }) };
}

function userOfImage(image: Image): ImageUser {
  try {
    return imageUser(image);
  } catch (error) {
    throw new ContainerConfigError(error instanceof Error ? error.message : String(error));
  }
}

/** What the API server has is not for containers to change. */
function isReadOnly({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return Boolean(configMap ?? secret ?? downwardAPI ?? projected);
}

function volumeMounts(pod: NodePod, container: Container, { volumes, env }: ContainerParts): Mount[] {
  return (container.volumeMounts ?? []).map(({ name, mountPath, subPath, subPathExpr, readOnly }) => {
    const volume = volumes.get(name);
    if (volume === undefined)
      throw new ContainerConfigError(`container ${container.name}: there is no volume "${name}"`);
    const refuse = (why: string): never => {
      const mount = `volumeMount "${name}" of container "${container.name}"`;
      throw new ContainerConfigError(`failed to prepare subPath for ${mount}: ${why}`);
    };
    const below = subPath || (subPathExpr && expandAll(subPathExpr, env));
    const source = below ? insideVolume(volume, below, refuse) : volume;
    const kept = pod.spec.volumes?.some((one) => one.name === name && isReadOnly(one));
    return { source, target: mountPath, ...((readOnly || kept) && { readOnly: true }) };
  });
}

/** Throws where a variable is not there, unlike {@link expand}: such a path is nobody's wish. */
function expandAll(text: string, env: Readonly<Record<string, string>>): string {
  for (const [, name = ''] of text.replaceAll('$$', '').matchAll(/\$\(([^()]*)\)/g))
    if (!Object.hasOwn(env, name)) throw new ContainerConfigError(`missing value for "${name}"`);
  return expand(text, env);
}

/** A path below a volume, made where it is missing. Refused where it, or a link in it, leads out. */
function insideVolume(volume: string, subPath: string, refuse: (why: string) => never): string {
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) refuse(`"${subPath}" leaves the volume`);
  const root = realpathSync(volume);
  let path = root;
  for (const part of subPath.split('/').filter((name) => name !== '' && name !== '.')) {
    path = join(path, part);
    if (!existsSync(path)) mkdirSync(path, { mode: 0o755 });
    path = realpathSync(path);
    if (path !== root && !path.startsWith(root + sep)) refuse(`"${subPath}" leaves the volume`);
  }
  return path;
}
