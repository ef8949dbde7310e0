import { setTimeout as delay } from 'node:timers/promises';
import { httpGet } from '../probes/http-get.ts';
import { portNumber } from '../probes/run-probe.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { Container, LifecycleHandler } from './types.ts';

export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
  readonly runtime: ContainerRuntime;
}

/** Runs a postStart or preStop hook to its end (Kubernetes: "Container Lifecycle Hooks"). Rejects where it fails or `signal` aborts. */
export async function runHook(hook: LifecycleHandler, target: HookTarget, signal: AbortSignal): Promise<void> {
  const { container, containerId, podIP, runtime } = target;
  if (hook.sleep) await delay(hook.sleep.seconds * 1000, undefined, { signal });
  else if (hook.exec) {
    const command = hook.exec.command ?? [];
    const session = await runtime.exec(containerId, { command, signal });
    const output: string[] = [];
    for (const stream of [session.stdout, session.stderr])
      stream?.on('data', (chunk) => output.push(String(chunk))).on('error', () => {});
    const code = await session.exitCode;
    if (code !== 0) {
      const what = command.map((part) => JSON.stringify(part)).join(' ');
      throw new Error(`command ${what} exited with ${code}: ${output.join('').slice(0, 1024)}`);
    }
  } else if (hook.httpGet) {
    const port = portNumber(hook.httpGet.port, container);
    await httpGet(hook.httpGet, { host: hook.httpGet.host || podIP, port, userAgent: 'kube-lifecycle/1.36' }, signal);
  }
}
