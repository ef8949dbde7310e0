import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig, PodSandboxConfig } from './runtime.ts';

/**
 * Where everything is kept about the Pods that run, so that a node agent that restarts finds them:
 *
 *     events/SANDBOX.NAME.ATTEMPT.{started,exit}    written by the containers' shims; this one folder is watched
 *     sandboxes/SANDBOX/{sandbox.json,uts,ipc,pause,stopped}
 *     attach/HASH                                   sockets of interactive containers
 *     sandboxes/SANDBOX/containers/NAME.ATTEMPT/    see ContainerFiles
 */
export class StateFolder {
  readonly path: string;
  readonly events: string;
  readonly sandboxes: string;
  readonly attach: string;

  constructor(path: string) {
    this.path = path;
    this.events = join(path, 'events');
    this.sandboxes = join(path, 'sandboxes');
    this.attach = join(path, 'attach');
  }

  create(): void {
    mkdirSync(this.events, { recursive: true });
    mkdirSync(this.sandboxes, { recursive: true });
    mkdirSync(this.attach, { recursive: true });
  }

  sandbox(id: string): SandboxFiles {
    const folder = join(this.sandboxes, id);
    return {
      id,
      folder,
      record: join(folder, 'sandbox.json'),
      uts: join(folder, 'uts'),
      ipc: join(folder, 'ipc'),
      pause: join(folder, 'pause'),
      stopped: join(folder, 'stopped'),
      containers: join(folder, 'containers'),
    };
  }

  container(id: string): ContainerFiles {
    const [sandboxId = '', name = '', attempt = ''] = id.split('/');
    const folder = join(this.sandbox(sandboxId).containers, `${name}.${attempt}`);
    const event = join(this.events, `${sandboxId}.${name}.${attempt}`);
    return {
      id,
      sandboxId,
      folder,
      record: join(folder, 'container.json'),
      launcher: join(folder, 'launcher'),
      init: join(folder, 'init.json'),
      error: join(folder, 'error'),
      script: join(folder, 'enter.sh'),
      fstab: join(folder, 'fstab'),
      skeleton: join(folder, 'skeleton'),
      fs: join(folder, 'fs'),
      root: join(folder, 'root'),
      attach: join(this.attach, createHash('sha256').update(id).digest('hex').slice(0, 16)),
      event,
      started: `${event}.started`,
      exit: `${event}.exit`,
    };
  }

  /** The container that an event file is about. */
  static containerOfEvent(file: string): string | undefined {
    const [sandboxId, name, attempt, kind] = file.split('.');
    return kind === undefined ? undefined : `${sandboxId}/${name}/${attempt}`;
  }
}

export interface SandboxFiles {
  readonly id: string;
  readonly folder: string;
  readonly record: string;
  /** The namespaces, kept alive by a bind mount instead of a process. */
  readonly uts: string;
  readonly ipc: string;
  /** Identity of the first process of a shared PID namespace. */
  readonly pause: string;
  readonly stopped: string;
  readonly containers: string;
}

export interface ContainerFiles {
  readonly id: string;
  readonly sandboxId: string;
  readonly folder: string;
  readonly record: string;
  /** PID of the shim's child that started the container and ends with its exit status. */
  readonly launcher: string;
  /** Identity of the container's first process. */
  readonly init: string;
  /** What went wrong before the program ran. */
  readonly error: string;
  /** What the launcher runs to make the container. */
  readonly script: string;
  readonly fstab: string;
  /** What the container's root starts with; copied onto `fs`. */
  readonly skeleton: string;
  /** Mount point of the memory that takes what the container writes. */
  readonly fs: string;
  /** Mount point of the container's root. Both are mounted in the container's own mount namespace only. */
  readonly root: string;
  /** The socket where an interactive container can be attached to; a socket's path must be short. */
  readonly attach: string;
  readonly event: string;
  readonly started: string;
  readonly exit: string;
}

export interface SandboxRecord {
  readonly config: PodSandboxConfig;
  readonly createdAt: string;
}

export interface ContainerRecord {
  readonly config: ContainerConfig;
  readonly createdAt: string;
}

/** Undefined where there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

export function readJson<T>(path: string): T | undefined {
  const text = readText(path);
  // The folder is ours and files appear in it complete, so what is there is what writeJson wrote.
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** Appears complete or not at all. */
export function writeJson(path: string, value: unknown): void {
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}
