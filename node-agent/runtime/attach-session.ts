import net from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { AttachFrames, attachChannels, attachFrame } from './attach-frames.ts';
import type { AttachOptions, ExecSession } from './runtime.ts';

/** Attaches to a container at the socket of its shim. */
export async function attachToShim(socketPath: string, { stdin, signal }: AttachOptions): Promise<ExecSession> {
  const socket = net.connect(socketPath);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const frames = new AttachFrames();
  const ended = Promise.withResolvers<number>();
  socket.on('data', (bytes) => {
    for (const { channel, data } of frames.push(bytes)) {
      const stream = channel === attachChannels.stderr ? stderr : stdout;
      if (stream.write(data)) continue;
      socket.pause();
      stream.once('drain', () => socket.resume());
    }
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    stdout.end();
    stderr.end();
    ended.resolve(0);
  });
  const give = (): void => void socket.destroy();
  signal?.addEventListener('abort', give, { once: true });
  if (signal?.aborted === true) give();
  const send = (channel: number, data: Uint8Array, done: (error?: Error | null) => void): void =>
    void socket.write(attachFrame(channel, data), (error) => done(error));
  const input = new Writable({
    write: (chunk: Buffer, _encoding, done) => send(attachChannels.stdin, chunk, done),
    final: (done) => send(attachChannels.stdinEnd, Buffer.alloc(0), done),
  });
  input.on('error', () => undefined);
  return {
    stdin: stdin === true ? input : undefined,
    stdout,
    stderr,
    resize: (size) => send(attachChannels.resize, Buffer.from(JSON.stringify(size)), () => undefined),
    exitCode: ended.promise,
  };
}
