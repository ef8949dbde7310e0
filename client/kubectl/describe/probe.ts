import type { V1LifecycleHandler, V1Probe } from '@kubernetes/client-node';
import type { Wire } from '@skiff/api/meta';

/** A probe in one line: `http-get http://:8080/ready delay=0s timeout=1s period=10s #success=1 #failure=3`. */
export function probeText(probe: Wire<V1Probe>): string {
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 0,
    periodSeconds = 0,
    successThreshold = 0,
    failureThreshold = 0,
  } = probe;
  const timing = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
  return `${handlerText(probe)} ${timing}`;
}

function handlerText({ exec, httpGet, tcpSocket, grpc }: Wire<V1Probe> & Wire<V1LifecycleHandler>): string {
  if (exec) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet) {
    const { scheme = '', host = '', port, path = '' } = httpGet;
    const slash = path.startsWith('/') ? '' : '/';
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${slash}${path}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''}`;
  return 'unknown';
}
