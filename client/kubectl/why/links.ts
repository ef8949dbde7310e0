import type { Link } from './link.ts';
import { clusterIpLink } from './links/cluster-ip.ts';
import { dataPlaneLink } from './links/data-plane.ts';
import { dnsLink } from './links/dns.ts';
import { endpointSlicesLink } from './links/endpoint-slices.ts';
import { listeningLink } from './links/listening.ts';
import { loadBalancerLink } from './links/load-balancer.ts';
import { nodePortLink } from './links/node-port.ts';
import { readyPodsLink } from './links/ready-pods.ts';
import { selectorLink } from './links/selector.ts';
import { serviceLink } from './links/service.ts';
import { targetPortsLink } from './links/target-ports.ts';

/** The links of a Service, in the order in which they depend on each other: from its name to an answer. */
export const links: readonly Link[] = [
  serviceLink,
  selectorLink,
  readyPodsLink,
  targetPortsLink,
  listeningLink,
  endpointSlicesLink,
  dataPlaneLink,
  dnsLink,
  clusterIpLink,
  nodePortLink,
  loadBalancerLink,
];
