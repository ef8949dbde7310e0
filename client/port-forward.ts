import { Duplex } from 'node:stream';
import { collectionPath, kindNamed } from '@skiff/api/kinds';
import type { ObjectKey } from '@skiff/api/meta';
import type { Client } from './client.ts';
import { openWebSocket } from './web-socket.ts';

const dataChannel = 0;
const errorChannel = 1;

/**
 * Opens a connection to a port of a Pod, on its loopback. The first message of each of the two channels is the port; errors come
 * on the second (kubelet: pkg/kubelet/cri/streaming/portforward/websocket.go). Rejects where the server refuses; the connection
 * itself is destroyed with an error where the Pod does not take it.
 */
export async function openPodPort(
  client: Client,
  pod: ObjectKey,
  { port, signal }: { port: number; signal?: AbortSignal },
): Promise<Duplex> {
  const path = `${collectionPath(kindNamed('Pod'), pod.namespace)}/${encodeURIComponent(pod.name)}/portforward?ports=${port}`;
  const greeted = new Set<number>();
  const waiting: Buffer[] = [];
  let deliver = (data: Buffer): void => void waiting.push(data);
  const onMessage = (data: Buffer): void => {
    const [number = -1] = data;
    if (greeted.has(number)) deliver(data);
    else greeted.add(number);
  };
  const socket = await openWebSocket(client.config, { path, protocols: ['v4.channel.k8s.io'], onMessage, signal });
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      socket.send(Buffer.concat([Buffer.from([dataChannel]), chunk]), (error) => done(error ?? null));
    },
    // There is no sign for the end of one side only.
    final: (done) => done(),
    destroy: (error, done) => {
      socket.close();
      done(error);
    },
  });
  deliver = (data) => {
    const body = data.subarray(1);
    if (body.length === 0 || duplex.destroyed) return;
    if (data[0] === errorChannel) duplex.destroy(new Error(body.toString('utf8').trim()));
    else if (data[0] === dataChannel && !duplex.push(body)) socket.pause();
  };
  for (const data of waiting) deliver(data);
  socket.on('close', () => duplex.push(null));
  socket.on('error', (error) => duplex.destroy(error));
  return duplex;
}
