import { connect } from '../network/connect.ts';
import type { Container, Probe } from '../pods/types.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { grpcHealth } from './grpc-health.ts';
import { httpGet, urlOf } from './http-get.ts';

export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
  readonly runtime: ContainerRuntime;
}

export interface ProbeOutcome {
  readonly success: boolean;
  /** What a failed probe says, as in the kubelet's events. */
  readonly output: string;
  /** What is odd about one that succeeded. */
  readonly warning?: string;
}

const MOST_OUTPUT = 1024;

/** Probes a container once; what goes wrong is a failure, not an exception. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeOutcome> {
  const seconds = probe.timeoutSeconds ?? 1;
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    if (probe.exec) return await probeExec(probe.exec.command ?? [], target, { signal, seconds });
    if (probe.httpGet) return await probeHttp(probe.httpGet, target, signal);
    if (probe.tcpSocket) return await probeTcp(probe.tcpSocket, target, signal);
    if (probe.grpc) return await probeGrpc(probe.grpc, target, { signal, seconds });
    return { success: false, output: 'the probe says nothing to do' };
  } catch (error) {
    return { success: false, output: error instanceof Error ? error.message : String(error) };
  }
}

/** A port by number or by the name that the container gives it. Throws where it has none of that name. */
export function portNumber(port: string | number, container: Container): number {
  const number = Number(port);
  if (Number.isInteger(number)) return number;
  const named = container.ports?.find(({ name }) => name === port);
  if (named === undefined) throw new Error(`couldn't find port: ${port}`);
  return named.containerPort;
}

async function probeExec(
  command: readonly string[],
  { runtime, containerId }: ProbeTarget,
  { signal, seconds }: { signal: AbortSignal; seconds: number },
): Promise<ProbeOutcome> {
  const session = await runtime.exec(containerId, { command, signal });
  const output: string[] = [];
  for (const stream of [session.stdout, session.stderr])
    stream?.on('data', (chunk) => output.length < MOST_OUTPUT && output.push(String(chunk))).on('error', () => {});
  const code = await session.exitCode;
  if (signal.aborted) {
    const what = command.map((part) => JSON.stringify(part)).join(' ');
    return { success: false, output: `command timed out: ${what} timed out after ${seconds}s` };
  }
  return { success: code === 0, output: output.join('').slice(0, MOST_OUTPUT) };
}

async function probeHttp(
  action: NonNullable<Probe['httpGet']>,
  { podIP, container }: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const port = portNumber(action.port, container);
  const target = { host: action.host || podIP, port, userAgent: 'kube-probe/1.36' };
  try {
    const { code, body } = await httpGet(action, target, signal);
    if (code >= 300 && code < 400)
      return { success: true, output: '', warning: `Probe terminated redirects, Response body: ${body}` };
    return { success: code >= 200 && code < 400, output: `HTTP probe failed with statuscode: ${code}` };
  } catch (error) {
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : dialError(error, target);
    return { success: false, output: `Get "${urlOf(action, target)}": ${why}` };
  }
}

async function probeTcp(
  action: NonNullable<Probe['tcpSocket']>,
  { podIP, container }: ProbeTarget,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const target = { host: action.host || podIP, port: portNumber(action.port, container) };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(target).once('connect', resolve).on('error', reject);
  const onAbort = (): void => reject(new Error(`dial tcp ${target.host}:${target.port}: i/o timeout`));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await promise;
    return { success: true, output: '' };
  } catch (error) {
    return { success: false, output: dialError(error, target) };
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

async function probeGrpc(
  { port, service }: NonNullable<Probe['grpc']>,
  { podIP }: ProbeTarget,
  { signal, seconds }: { signal: AbortSignal; seconds: number },
): Promise<ProbeOutcome> {
  const target = { host: podIP, port, service: service ?? '' };
  try {
    const status = await grpcHealth(target, signal);
    return { success: status === 'SERVING', output: `service unhealthy (responded with "${status}")` };
  } catch (error) {
    const service = `"${target.host}:${target.port}"`;
    const output = signal.aborted
      ? `timeout: health rpc did not complete within ${seconds}s`
      : isDialError(error)
        ? `timeout: failed to connect service ${service} within ${seconds}s: context deadline exceeded`
        : `error: ${dialError(error, target)}`;
    return { success: false, output };
  }
}

const dialErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
};

const otherErrors: Readonly<Record<string, string>> = {
  ECONNRESET: 'EOF',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
  HPE_INVALID_CONSTANT: 'net/http: HTTP/1.x transport connection broken: malformed HTTP response',
};

/** What sockets fail with; streams of HTTP/2 say it of their connection. */
function socketError(error: unknown): NodeJS.ErrnoException {
  const { cause } = error as Error;
  return (cause instanceof Error ? cause : error) as NodeJS.ErrnoException;
}

function isDialError(error: unknown): boolean {
  return dialErrors[socketError(error).code ?? ''] !== undefined;
}

/** As Go says it, because people search for these texts. */
function dialError(error: unknown, { host, port }: { host: string; port: number }): string {
  const { code = '', message = String(error) } = socketError(error);
  const known = dialErrors[code];
  return known ? `dial tcp ${host}:${port}: connect: ${known}` : (otherErrors[code] ?? message);
}
