import { enableCompileCache } from 'node:module';
import { Server as TcpServer } from 'node:net';

// Before anything else is loaded: the cache also keeps stripped TypeScript, which halves the start and saves some 25 MB.
enableCompileCache();

/**
 * The API server as a process. Configuration: JSON in SKIFF_CONFIG (see config.ts). Over IPC it sends `{ type: 'ready', url, port }`
 * when it serves, and takes further listening sockets as `{ type: 'listen', name }` with the handle. It ends with SIGTERM,
 * SIGINT, or when the IPC channel closes.
 */
async function main(): Promise<void> {
  const early: TcpServer[] = [];
  let adopt = (handle: TcpServer): unknown => early.push(handle);
  process.on('message', (message: { type?: string }, handle: unknown) => {
    if (message?.type === 'listen' && handle instanceof TcpServer) adopt(handle);
  });
  const [{ pino }, { parseConfig }, { ApiServer }] = await Promise.all([
    import('pino'),
    import('./config.ts'),
    import('./server.ts'),
  ]);
  const logger = pino({ name: 'apiserver', level: process.env['SKIFF_LOG_LEVEL'] ?? 'info' });
  const server = new ApiServer(parseConfig(JSON.parse(process.env['SKIFF_CONFIG'] ?? '{}')), {
    onError: (error, { method, url }) => logger.error({ err: error, method, url }, 'request failed'),
  });
  const end = async (): Promise<void> => {
    await server.close();
    process.exit(0);
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => void end());
  await server.start();
  adopt = (handle) => server.adopt(handle);
  for (const handle of early) server.adopt(handle);
  logger.info({ url: server.url }, 'serving');
  process.send?.({ type: 'ready', url: server.url, port: server.port });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
