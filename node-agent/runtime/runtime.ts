/**
 * What can run Pods. The verbs are those of the Container Runtime Interface (CRI), cut to what the node agent needs.
 * Every call may be repeated: creating what is there, stopping what has stopped and removing what is gone succeed.
 * Nothing depends on the caller having lived through what it lists: a node agent that restarts finds its Pods by listing.
 * What is returned is a copy. Contract suite: contract.ts beside this file, run on every implementation and on the fake.
 */
export interface ContainerRuntime {
  /** `crun`, `namespaces`, `processes` or `fake`, with the version: `crun://1.8.1`, as in a Node's `containerRuntimeVersion`. */
  readonly version: string;
  listPodSandboxes(): Promise<PodSandbox[]>;
  /** Makes the namespaces that a Pod's containers share (UTS, IPC and, given by path, network). Resolves when containers can start. */
  runPodSandbox(config: PodSandboxConfig): Promise<PodSandbox>;
  /** Kills every process of the sandbox. */
  stopPodSandbox(id: string): Promise<void>;
  /** Removes the sandbox with its containers, mounts and state; log files stay. */
  removePodSandbox(id: string): Promise<void>;
  /** Prepares a container; its id is `sandboxId/name/attempt`. Rejects where a mount or the image can't be had. */
  createContainer(sandboxId: string, config: ContainerConfig): Promise<string>;
  /** Starts it. Rejects with a {@link StartError} where the program can't be run (it is then listed as exited with that reason). */
  startContainer(id: string): Promise<void>;
  /** Sends `signal` (TERM) to the container's first process, KILL after `graceMs`. Resolves when it has ended. */
  stopContainer(id: string, options: { graceMs: number; signal?: string }): Promise<void>;
  removeContainer(id: string): Promise<void>;
  listContainers(sandboxId?: string): Promise<ContainerStatus[]>;
  containerStatus(id: string): Promise<ContainerStatus | undefined>;
  /** Runs a command in a running container. The streams end with the process. */
  exec(id: string, options: ExecOptions): Promise<ExecSession>;
  /**
   * The streams of a running container's own program, from now on. Its input can be written where it was made with `stdin`; of one
   * that was made with neither `stdin` nor `tty`, the output comes in whole lines. Ends with the container, or with the signal.
   */
  attach(id: string, options: AttachOptions): Promise<ExecSession>;
  /** Calls back with a container's id when its state changed. Missed calls are made good by listing. */
  onChange(callback: (containerId: string) => void): () => void;
  /** Ends watching; Pods go on running. */
  close(): Promise<void>;
}

export interface PodSandboxConfig {
  /** Unique for each attempt to run the Pod: `UID` or `UID-N`. Letters, digits and dashes. */
  readonly id: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly hostname: string;
  /** Path of the network namespace that the Pod lives in; absent where it uses the host's network. */
  readonly networkNamespace?: string | undefined;
  /** Whether all containers see each other's processes. */
  readonly shareProcessNamespace?: boolean;
}

export interface PodSandbox {
  readonly id: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: 'ready' | 'notReady';
  readonly createdAt: string;
  readonly networkNamespace?: string | undefined;
}

export interface Mount {
  /** A file or folder in the agent's view of the file system. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  readonly readOnly?: boolean;
}

export interface ContainerConfig {
  readonly name: string;
  /** Counts restarts, from 0. */
  readonly attempt: number;
  /** What the image store resolved. */
  readonly image: RootFilesystem;
  /** The program and its arguments, already expanded. Never empty. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly mounts: readonly Mount[];
  /** Where the output goes, a line each in the CRI's log format: `2026-01-02T03:04:05.000000000Z stdout F text`. */
  readonly logPath: string;
  readonly stdin?: boolean;
  /** Whether its input ends when the first who attached to it is done. */
  readonly stdinOnce?: boolean;
  readonly tty?: boolean;
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups?: readonly number[] };
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly privileged?: boolean;
  /** Whether no program gives its caller more than the caller has: setuid bits count for nothing. */
  readonly noNewPrivileges?: boolean;
  readonly readOnlyRoot?: boolean;
  /** A container of the same sandbox whose processes it sees, as one for debugging does. */
  readonly targetContainerId?: string;
}

/** What a container sees as `/`. */
export type RootFilesystem =
  /** The host's own programs, read-only, under a fresh root (see ARCHITECTURE.md, "Images"). `programs` are folders mounted read-only beside them. */
  | { readonly type: 'host'; readonly id: string; readonly programs: readonly Mount[] }
  /** Unpacked layers of an image, lowest first. */
  | { readonly type: 'layers'; readonly id: string; readonly layers: readonly string[] };

export interface ContainerStatus {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly imageId: string;
  readonly state: 'created' | 'running' | 'exited';
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** 128 + signal where a signal ended it, as shells and Kubernetes count. */
  readonly exitCode?: number;
  /** `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun`. */
  readonly reason?: string;
  readonly message?: string;
  /** The first process, as the agent's PID namespace counts. */
  readonly pid?: number;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly stdin?: boolean;
  readonly tty?: boolean;
  readonly signal?: AbortSignal;
}

export interface AttachOptions {
  readonly stdin?: boolean;
  readonly signal?: AbortSignal;
}

export interface ExecSession {
  readonly stdin: NodeJS.WritableStream | undefined;
  readonly stdout: NodeJS.ReadableStream;
  /** Absent with a terminal, which has one stream. */
  readonly stderr: NodeJS.ReadableStream | undefined;
  resize(size: { columns: number; rows: number }): void;
  readonly exitCode: Promise<number>;
}

/** The program of a container could not be started: not found, not executable, no such working directory. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
