import { DataFolder } from '../data-folder.ts';
import { ControlSocket } from './control.ts';
import type { ClusterConfig, Progress } from './messages.ts';
import { Supervisor } from './supervisor.ts';

/** The supervisor as a detached process: started by `skiff up`, which listens until it says `up` or `failed`. */
async function main(): Promise<void> {
  // Written by `skiff up`.
  const config = JSON.parse(process.env['SKIFF_CONFIG'] ?? '{}') as ClusterConfig;
  const report = (progress: Progress): void => {
    if (process.connected) process.send?.(progress, () => undefined);
  };
  const supervisor = new Supervisor(config, { report });
  const folder = new DataFolder(config.dataDir);
  const control = new ControlSocket({
    path: folder.controlSocket,
    status: () => supervisor.status(),
    node: (order) => supervisor.orderNode(order),
    down: async () => {
      await supervisor.close();
      setImmediate(() => void end(0));
    },
  });
  const end = async (code: number): Promise<void> => {
    await supervisor.close();
    control.close();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end(0));
  try {
    await control.start();
    await supervisor.start();
  } catch (error) {
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    await end(1);
  }
}

await main();
