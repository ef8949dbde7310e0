/** A node agent in host-ports.test.ts: serves what it is told to over IPC. Stands alone because a socket is handed from process to process. */
import { HostPorts } from '@skiff/node-agent/host-ports/host-ports';
import type { WantedPort } from '@skiff/node-agent/host-ports/wanted-ports';

const hostPorts = new HostPorts({
  channel: {
    send: (message) => process.send?.(message),
    onMessage: (callback) => process.on('message', callback),
  },
  onRefused: ({ address, port, code }) => process.send?.({ type: 'refused', text: `${address}:${port} ${code}` }),
});
process.on('message', (message) => {
  // Sent by host-ports.test.ts.
  const { type, ports } = message as { type: string; ports?: WantedPort[] };
  if (type === 'serve') hostPorts.update(ports ?? []);
  if (type === 'count') process.send?.({ type: 'counts', ...hostPorts.counts });
});
process.on('disconnect', () => process.exit());
