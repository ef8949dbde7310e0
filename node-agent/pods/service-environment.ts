import type { Service } from '@skiff/api/types';

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/**
 * The variables that tell a container of Services, as Docker's links did (Kubernetes: "Service", "Environment variables"): those of
 * the Pod's own namespace, and always the Service `kubernetes`.
 */
export function serviceEnvironment(
  services: readonly Service[],
  options: { namespace: string; enableServiceLinks: boolean },
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const isMaster = namespace === 'default' && name === 'kubernetes';
    if (!isMaster && !(options.enableServiceLinks && namespace === options.namespace)) continue;
    const { clusterIP, ports = [] } = service.spec ?? {};
    if (!clusterIP || clusterIP === 'None') continue;
    Object.assign(env, serviceVariables(variableName(name), clusterIP, ports));
  }
  return env;
}

function serviceVariables(
  prefix: string,
  host: string,
  ports: NonNullable<NonNullable<Service['spec']>['ports']>,
): Record<string, string> {
  const env: Record<string, string> = { [`${prefix}_SERVICE_HOST`]: host };
  const [first] = ports;
  if (first === undefined) return env;
  env[`${prefix}_SERVICE_PORT`] = String(first.port);
  for (const { name, port } of ports) if (name) env[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
  const url = (protocol: string, port: number): string => `${protocol.toLowerCase()}://${host}:${port}`;
  env[`${prefix}_PORT`] = url(first.protocol ?? 'TCP', first.port);
  for (const { port, protocol = 'TCP' } of ports) {
    const one = `${prefix}_PORT_${port}_${protocol}`;
    env[one] = url(protocol, port);
    env[`${one}_PROTO`] = protocol.toLowerCase();
    env[`${one}_PORT`] = String(port);
    env[`${one}_ADDR`] = host;
  }
  return env;
}
