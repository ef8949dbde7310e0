import type { V1HTTPGetAction, V1Lifecycle, V1LifecycleHandler, V1Probe } from '@kubernetes/client-node';
import { forbiddenField, invalidBy, invalidValue, nonNegative, notSupported, required } from '@skiff/api/causes';
import type { Wire } from '@skiff/api/meta';
import { httpHeaderName, portName, portNumber } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';

type Handler = Wire<V1LifecycleHandler> & Pick<Wire<V1Probe>, 'grpc'>;
type Rule = (handler: Handler, field: string, gracePeriod: number | undefined) => StatusCause[];

const schemes = ['HTTP', 'HTTPS'];

/** A port by number or by name. */
export function validatePort(port: number | string | undefined, field: string): StatusCause[] {
  if (typeof port === 'string') return invalidBy(portName, field, port);
  return portNumber(port ?? 0).map((message) => invalidValue(field, port ?? 0, message));
}

function validateHttp({ httpHeaders, path, port, scheme }: Wire<V1HTTPGetAction>, field: string): StatusCause[] {
  return [
    ...(path ? [] : [required(`${field}.path`)]),
    ...validatePort(port, `${field}.port`),
    ...(scheme && schemes.includes(scheme) ? [] : [notSupported(`${field}.scheme`, scheme, schemes)]),
    ...(httpHeaders ?? []).flatMap(({ name }) => invalidBy(httpHeaderName, `${field}.httpHeaders`, name ?? '')),
  ];
}

/** In the order in which the first one counts. */
const rules: Readonly<Record<keyof Handler, Rule>> = {
  exec: ({ exec }, field) => (exec?.command?.length ? [] : [required(`${field}.command`)]),
  httpGet: ({ httpGet }, field) => (httpGet ? validateHttp(httpGet, field) : []),
  tcpSocket: ({ tcpSocket }, field) => validatePort(tcpSocket?.port, `${field}.port`),
  grpc: ({ grpc }, field) => validatePort(grpc?.port, `${field}.port`),
  sleep({ sleep }, field, gracePeriod) {
    const seconds = sleep?.seconds ?? 0;
    if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return [];
    const rule = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
    return [invalidValue(field, seconds, rule)];
  },
};

function validateHandler(handler: Handler, field: string, gracePeriod: number | undefined): StatusCause[] {
  const [first, ...others] = Object.entries(rules).filter(([kind]) => handler[kind as keyof Handler] !== undefined); // the table's own keys
  if (!first) return [required(field, 'must specify a handler type')];
  const [kind, rule] = first;
  return [
    ...rule(handler, `${field}.${kind}`, gracePeriod),
    ...others.map(([other]) => forbiddenField(`${field}.${other}`, 'may not specify more than 1 handler type')),
  ];
}

const counts = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;

type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** Upstream: validateProbe, and what it adds for each kind of probe. */
export function validateProbe(probe: Wire<V1Probe> | undefined, kind: ProbeKind, field: string): StatusCause[] {
  if (!probe) return [];
  const causes = validateHandler(probe, field, undefined);
  for (const count of counts) causes.push(...nonNegative(`${field}.${count}`, probe[count]));
  const grace = probe.terminationGracePeriodSeconds;
  const graceField = `${field}.terminationGracePeriodSeconds`;
  if (grace !== undefined && grace <= 0) causes.push(invalidValue(graceField, grace, 'must be greater than 0'));
  if (kind === 'readinessProbe') {
    if (grace !== undefined) causes.push(invalidValue(graceField, grace, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== 1) {
    causes.push(invalidValue(`${field}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  }
  return causes;
}

/** Upstream: validateLifecycle. */
export function validateLifecycle(
  { postStart, preStop }: Wire<V1Lifecycle>,
  field: string,
  gracePeriod: number | undefined,
): StatusCause[] {
  return [
    ...(postStart ? validateHandler(postStart, `${field}.postStart`, gracePeriod) : []),
    ...(preStop ? validateHandler(preStop, `${field}.preStop`, gracePeriod) : []),
  ];
}
