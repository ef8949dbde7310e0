import { closeSync, existsSync, fchmodSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AgentConfig, podFolders } from '../config.ts';
import { readLog } from '../logs/read-log.ts';
import type { ContainerStatus, Mount } from '../runtime/runtime.ts';
import { logPath } from './log-path.ts';
import { allContainers, type Container, type NodePod } from './types.ts';

/** The kubelet's limits: of the file, and of the log where that stands in for it. */
const MOST_BYTES = 4096;
const MOST_LOG_BYTES = 2048;
const MOST_LOG_LINES = 80;

interface Life {
  readonly container: Pick<Container, 'name'>;
  readonly attempt: number;
}

function hostFile(config: AgentConfig, pod: NodePod, { container, attempt }: Life): string {
  return join(podFolders.state(config, pod.metadata.uid), 'termination', `${container.name}.${attempt}`);
}

/** The empty file that a container writes its last words to (`terminationMessagePath`). */
export function terminationMount(
  config: AgentConfig,
  pod: NodePod,
  { container, attempt }: { container: Container; attempt: number },
): Mount {
  const source = hostFile(config, pod, { container, attempt });
  mkdirSync(dirname(source), { recursive: true });
  const file = openSync(source, 'a');
  // Whoever the container runs as.
  fchmodSync(file, 0o666);
  closeSync(file);
  return { source, target: container.terminationMessagePath || '/dev/termination-log' };
}

/** What containers said when they ended (Kubernetes: "Determine the Reason for Pod Failure"). Each is read once, and kept. */
export class TerminationMessages {
  readonly #config: AgentConfig;
  readonly #messages = new Map<string, string>();

  constructor(config: AgentConfig) {
    this.#config = config;
  }

  /** The status of a container that ended, with its last words. */
  async complete(pod: NodePod, status: ContainerStatus): Promise<ContainerStatus> {
    if (status.state !== 'exited') return status;
    const said = this.#messages.get(status.id) ?? (await this.#read(pod, status));
    this.#messages.set(status.id, said);
    const message = [status.message, said].filter(Boolean).join(': ');
    return message === '' ? status : { ...status, message };
  }

  async #read(pod: NodePod, { name, attempt, exitCode }: ContainerStatus): Promise<string> {
    const container = allContainers(pod.spec).find((one) => one.name === name);
    if (container === undefined) return '';
    const said = readStart(hostFile(this.#config, pod, { container, attempt }), MOST_BYTES);
    if (said !== '' || exitCode === 0 || container.terminationMessagePolicy !== 'FallbackToLogsOnError') return said;
    const chunks: Buffer[] = [];
    const path = logPath(this.#config, pod, { container: name, attempt });
    for await (const chunk of readLog(path, { timestamps: false, tailLines: MOST_LOG_LINES })) chunks.push(chunk);
    return Buffer.concat(chunks).subarray(-MOST_LOG_BYTES).toString('utf8');
  }
}

function readStart(path: string, most: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(most);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
