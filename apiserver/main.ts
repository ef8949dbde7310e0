import { createServer } from 'node:net';

/**
 * The API server as a process. Configuration: JSON in SKIFF_CONFIG (see config.ts). Over IPC it sends `{ type: 'ready', url, port }`
 * when it serves, and takes further bound sockets, to listen on, as `{ type: 'listen', name }` with the handle. It ends with
 * SIGTERM, SIGINT, or when the IPC channel closes.
 */
async function main(): Promise<void> {
  const early: unknown[] = [];
  let adopt = (handle: unknown): unknown => early.push(handle);
  process.on('message', (message: { type?: string }, handle: unknown) => {
    // A socket that was closed while it was under way arrives as nothing; listening on that would open another port.
    if (message?.type === 'listen' && handle) adopt(handle);
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
  adopt = (handle) => server.adopt(createServer().listen(handle));
  early.forEach(adopt);
  logger.info({ url: server.url }, 'serving');
  process.send?.({ type: 'ready', url: server.url, port: server.port });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
