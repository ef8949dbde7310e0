/** The node agent as a program: configured by JSON in SKIFF_CONFIG; ends when the IPC channel to its parent does. Pods run on. */
import { mkdirSync } from 'node:fs';
import { Client } from '@skiff/client/client';
import { loadKubeconfig } from '@skiff/client/kubeconfig';
import { parseConfig } from './config.ts';
import { followPortDirectory } from './network/connect.ts';
import { PortDirectory } from './network/port-directory.ts';
import { NodeRegistration } from './node/registration.ts';
import { openRuntime } from './runtime-choice.ts';

/** An API server that is just being started again is waited for. */
const RETRY_MS = 100;

const config = parseConfig(JSON.parse(process.env['SKIFF_CONFIG'] ?? 'null'));
if (config.portsDir !== undefined) followPortDirectory(new PortDirectory(config.portsDir));
mkdirSync(config.dataDir, { recursive: true });
const clientConfig = config.client ?? loadKubeconfig(config.kubeconfig ?? '');
const client = new Client({ ...clientConfig, userAgent: 'skiff-node-agent' });
const registration = new NodeRegistration({ config, client });

// The way to a Ready node is as short as can be: it registers while everything else is still being loaded.
const runtime = await openRuntime(config);
const registered = register();
const built = import('./build-agent.ts').then(({ buildAgent }) =>
  buildAgent({ config, client, registration, runtime }),
);
built.catch(() => undefined);
await registered;
process.send?.({ type: 'ready', node: config.nodeName });

const { agent, logger } = await built;
await agent.start();
logger.info({ node: config.nodeName }, 'the node agent runs');

let ending = false;
const end = async (): Promise<void> => {
  if (ending) return;
  ending = true;
  // Nobody waits for a close that hangs.
  setTimeout(() => process.exit(0), 2000).unref();
  await agent.close();
  process.exit(0);
};
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());
process.once('disconnect', () => void end());

async function register(): Promise<void> {
  for (;;) {
    try {
      await registration.register(runtime.version);
      return;
    } catch (error) {
      if (error instanceof Error && 'code' in error && typeof error.code === 'number') throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
