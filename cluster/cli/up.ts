import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { loadKubeconfig } from '@skiff/client/kubeconfig';
import { contextName } from '../kubeconfig/kubeconfig.ts';
import { mergeKubeconfig, userKubeconfig } from '../kubeconfig/merge.ts';
import { lastNodeCount } from '../node-count.ts';
import { askSupervisor } from '../supervisor/control.ts';
import type { ClusterConfig, Progress } from '../supervisor/messages.ts';
import { nodeFlags, programs } from '../supervisor/programs.ts';
import type { Options } from './options.ts';

const sampleManifest = join(import.meta.dirname, '..', '..', 'examples', 'quick-start.yaml');

const USUAL_NODES = 3;

/** `skiff up`: starts a supervisor in the background and resolves when the cluster is ready to use. */
export async function up(options: Options): Promise<number> {
  const { folder, name } = options;
  const running = await askSupervisor(folder.controlSocket, 'status');
  if (running) {
    process.stdout.write(
      `cluster "${running.name}" is up already (${running.url}); end it with: ${again('down', options)}\n`,
    );
    return 0;
  }
  mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
  const config: ClusterConfig = {
    name,
    dataDir: folder.path,
    nodes: options.nodes ?? lastNodeCount(folder) ?? USUAL_NODES,
    ...(options.apiPort !== undefined && { apiPort: options.apiPort }),
    ...(options.sample && { sample: sampleManifest }),
    network: options.network,
    proxy: options.proxy,
    runtime: options.runtime,
    imageFallback: options.imageFallback,
  };
  const outcome = await startSupervisor(config, openSync(join(folder.logs, 'supervisor.log'), 'a'));
  if (outcome.type === 'failed') {
    process.stderr.write(`skiff up: ${outcome.message}\n`);
    return 1;
  }
  if (options.mergeKubeconfig) merge(options);
  process.stdout.write(farewell(outcome, options));
  return 0;
}

type Outcome = Extract<Progress, { type: 'up' | 'failed' }>;

function startSupervisor(config: ClusterConfig, log: number): Promise<Outcome> {
  const child = spawn(process.execPath, [...nodeFlags, programs.supervisor], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    cwd: '/',
    env: { ...process.env, SKIFF_CONFIG: JSON.stringify(config) },
  });
  return new Promise((resolve) => {
    let failed: Outcome | undefined;
    const settle = (outcome: Outcome): void => {
      if (child.connected) child.disconnect();
      child.unref();
      resolve(outcome);
    };
    child.on('message', (progress: Progress) => {
      if (progress.type === 'stage') process.stdout.write(`${progress.stage.padEnd(12)} ${seconds(progress.ms)}\n`);
      else if (progress.type === 'notice') process.stdout.write(`${progress.text}\n`);
      else if (progress.type === 'up') settle(progress);
      else failed = progress;
    });
    child.on('error', (error) => settle({ type: 'failed', message: error.message }));
    // It ends last, so that what failed has left nothing behind when this command returns.
    child.on('exit', () => settle(failed ?? { type: 'failed', message: `it ended early; see ${config.dataDir}/logs` }));
  });
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

function merge({ folder, name }: Options): void {
  const path = userKubeconfig();
  const { server, ca, cert, key } = loadKubeconfig(folder.kubeconfig);
  if (!ca || !cert || !key) return;
  try {
    mergeKubeconfig(path, name, { server, ca, cert, key });
  } catch (error) {
    process.stderr.write(`no context was added: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function again(command: string, { name, folder }: Options): string {
  const named = name === 'default' ? '' : ` --name ${name}`;
  return `npx skiff ${command}${named}${folder.path.endsWith(`/skiff/${name}`) ? '' : ` --data-dir ${folder.path}`}`;
}

function farewell(outcome: Extract<Progress, { type: 'up' }>, options: Options): string {
  const { folder, name, mergeKubeconfig: merged } = options;
  const ready = outcome.nodesMs === undefined ? '' : `, ${outcome.nodes} nodes Ready after ${seconds(outcome.nodesMs)}`;
  const kubectl = merged ? `kubectl --context ${contextName(name)}` : `kubectl --kubeconfig ${folder.kubeconfig}`;
  return [
    `cluster "${name}" is up after ${seconds(outcome.ms)}${ready}`,
    '',
    ...outcome.sampleUrls.map((url) => `  curl ${url}`),
    `  ${kubectl} get nodes`,
    `  curl --unix-socket ${folder.apiSocket} http://skiff/api/v1/pods`,
    `  ${again('down', options)}`,
    '',
  ].join('\n');
}
