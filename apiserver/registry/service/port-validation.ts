import { duplicate, forbiddenField, invalidBy, invalidValue, notSupported, required } from '@skiff/api/causes';
import { dns1123Label, portName, portNumber, qualifiedName } from '@skiff/api/names';
import type { StatusCause } from '@skiff/api/status';
import { isHeadless, type ServicePort, type ServiceSpec } from './needs.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

export const invalidPort = (field: string, value: number): StatusCause[] =>
  portNumber(value).map((message) => invalidValue(field, value, message));

function validatePort(port: ServicePort, field: string): StatusCause[] {
  const causes = invalidPort(`${field}.port`, port.port ?? 0);
  if (!port.protocol) causes.push(required(`${field}.protocol`));
  else if (!protocols.includes(port.protocol)) {
    causes.push(notSupported(`${field}.protocol`, port.protocol, protocols));
  }
  const target = port.targetPort ?? 0;
  if (typeof target === 'number') causes.push(...invalidPort(`${field}.targetPort`, target));
  else causes.push(...invalidBy(portName, `${field}.targetPort`, target));
  if (port.appProtocol !== undefined)
    causes.push(...invalidBy(qualifiedName, `${field}.appProtocol`, port.appProtocol));
  return causes;
}

function validateName(port: ServicePort, field: string, names: Set<string>): StatusCause[] {
  if (!port.name) return [];
  const wrong = invalidBy(dns1123Label, `${field}.name`, port.name);
  if (names.has(port.name)) return [...wrong, duplicate(`${field}.name`, port.name)];
  names.add(port.name);
  return wrong;
}

/** Rules of single ports, and those that make ports differ from each other. */
export function validatePorts(spec: ServiceSpec): StatusCause[] {
  const { ports = [], type } = spec;
  if (ports.length === 0) return isHeadless(spec) || type === 'ExternalName' ? [] : [required('spec.ports')];
  const causes: StatusCause[] = [];
  const [names, seen, nodePorts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const [index, port] of ports.entries()) {
    const field = `spec.ports[${index}]`;
    if (!port.name && ports.length > 1) causes.push(required(`${field}.name`));
    causes.push(...validateName(port, field, names), ...validatePort(port, field));

    const key = `${port.protocol} ${port.port}`;
    if (seen.has(key)) causes.push(duplicate(field, { protocol: port.protocol, port: port.port }));
    seen.add(key);

    if (!port.nodePort) continue;
    if (type === 'ClusterIP') {
      causes.push(forbiddenField(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
    const nodePort = `${port.protocol} ${port.nodePort}`;
    if (nodePorts.has(nodePort)) {
      causes.push(duplicate(`${field}.nodePort`, { protocol: port.protocol, nodePort: port.nodePort }));
    }
    nodePorts.add(nodePort);
  }
  return causes;
}
