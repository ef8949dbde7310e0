import { connect } from 'node:http2';
import { connect as connectSocket } from '../network/connect.ts';

/** The names of HealthCheckResponse.ServingStatus, by number. */
const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const UNIMPLEMENTED = 12;
const HEAD_BYTES = 5;

/**
 * Asks a server by gRPC how it is (grpc.health.v1.Health/Check; github.com/grpc/grpc/blob/master/doc/health-checking.md). Answers with the
 * name of the status. Rejects where there is no such answer. The two messages have a field each, so they are written and read by hand.
 */
export async function grpcHealth(
  target: { host: string; port: number; service: string },
  signal: AbortSignal,
): Promise<string> {
  const session = connect(`http://${target.host}:${target.port}`, { createConnection: () => connectSocket(target) });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onAbort = (): void => reject(new Error('context deadline exceeded'));
  signal.addEventListener('abort', onAbort, { once: true });
  session.on('error', reject);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    'user-agent': 'kube-probe/1.36',
    te: 'trailers',
  });
  const chunks: Buffer[] = [];
  let outcome: { status: number; message: string } | undefined;
  const note = (headers: Readonly<Record<string, unknown>>): void => {
    if (headers['grpc-status'] === undefined) return;
    outcome = {
      status: Number(headers['grpc-status']),
      message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
    };
  };
  stream.on('response', note).on('trailers', note).on('error', reject);
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    if (outcome?.status === UNIMPLEMENTED)
      reject(new Error('this server does not implement the grpc health protocol (grpc.health.v1.Health)'));
    else if (outcome?.status !== 0) reject(new Error(outcome?.message || 'this server does not speak gRPC'));
    else resolve(servingStatus(Buffer.concat(chunks)));
  });
  stream.end(frame(encodeService(target.service)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    session.destroy();
  }
}

/** `string service = 1`. */
function encodeService(service: string): Buffer {
  const name = Buffer.from(service);
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** `ServingStatus status = 1`; a message without it means the first. */
function servingStatus(body: Buffer): string {
  const message = body.subarray(HEAD_BYTES);
  return servingStatuses[message[0] === 0x08 ? (message[1] ?? 0) : 0] ?? 'UNKNOWN';
}
