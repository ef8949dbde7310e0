import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

/** What became of an attempt to connect and to be answered. */
export interface ConnectionTrial {
  readonly connected: boolean;
  /** The system's reason where it did not connect, as `connect ECONNREFUSED 10.96.0.12:80`. */
  readonly error?: string;
  /** How long the connection took. */
  readonly ms: number;
  /** The first bytes that came back, as text; empty where the other end closed without a word, absent where it said nothing in time. */
  readonly answer?: string;
}

export interface TrialOptions {
  readonly host: string;
  readonly port: number;
  readonly dial: (target: { host: string; port: number }, signal: AbortSignal) => Promise<Duplex>;
  /** Shake hands for TLS instead of asking over HTTP. */
  readonly tls?: boolean;
  readonly connectMs?: number;
  readonly answerMs?: number;
}

const longestAnswer = 4096;

/**
 * Opens a real connection and asks `GET /`, since most of what listens is HTTP; whatever else listens mostly answers too, if only to
 * complain. Never rejects.
 */
export async function tryConnection({
  host,
  port,
  dial,
  tls = false,
  connectMs = 2000,
  answerMs = 2000,
}: TrialOptions): Promise<ConnectionTrial> {
  const began = performance.now();
  const elapsed = (): number => Math.round((performance.now() - began) * 10) / 10;
  let socket: Duplex;
  try {
    socket = await within(connectMs, (signal) => dial({ host, port }, signal));
  } catch (error) {
    const why =
      error instanceof Error ? error.message || ('code' in error ? String(error.code) : error.name) : String(error);
    return { connected: false, error: why, ms: elapsed() };
  }
  const ms = elapsed();
  try {
    const answer = await (tls ? handshakeOf(socket, answerMs) : answerOf(socket, { host, port, answerMs }));
    return { connected: true, ms, ...(answer !== undefined && { answer }) };
  } finally {
    socket.destroy();
  }
}

/** What a TLS server shows of itself. Nothing is sent to it, so whose certificate it is does not matter. */
function handshakeOf(socket: Duplex, answerMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const secure = connectTls({ socket, rejectUnauthorized: false });
    const finish = (answer: string | undefined): void => {
      clearTimeout(timer);
      secure.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(undefined), answerMs);
    secure.once('secureConnect', () => {
      const { CN } = secure.getPeerCertificate().subject ?? {};
      finish(`${secure.getProtocol()} certificate of ${Array.isArray(CN) ? CN[0] : (CN ?? 'nobody')}`);
    });
    secure.once('error', (error) => finish(`no TLS: ${error.message}`));
    secure.once('close', () => finish(''));
  });
}

async function within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const signal = AbortSignal.timeout(ms);
  const expire = (): void => reject(new Error(`nothing came back within ${ms} ms`));
  signal.addEventListener('abort', expire, { once: true });
  return Promise.race([act(signal), promise]);
}

function answerOf(
  socket: Duplex,
  { host, port, answerMs }: { host: string; port: number; answerMs: number },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const timer = setTimeout(() => resolve(text || undefined), answerMs);
    const end = (): void => {
      clearTimeout(timer);
      resolve(text);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.length >= longestAnswer) end();
    });
    socket.once('end', end);
    socket.once('error', end);
    socket.once('close', end);
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: skiff-why\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
    );
  });
}
