/** The built-in image `cluster-dns`: the cluster's DNS server, in a Pod. */
import { readFileSync } from 'node:fs';
import { inClusterConfig } from '@skiff/client/config';
import { ClusterDns } from '../dns/cluster-dns.ts';
import { upstreamsOf } from '../dns/forwarder.ts';

/** So long it still answers those who have not heard yet that it ends (CoreDNS: `lameduck`). */
const DRAIN_MS = 1000;

const dns = new ClusterDns({
  client: { ...inClusterConfig(), userAgent: 'cluster-dns' },
  domain: process.env['CLUSTER_DOMAIN'] ?? 'cluster.local',
  address: '0.0.0.0',
  ports: { dns: 53, ready: 8181, health: 8080 },
  upstreams: upstreamsOf(readFileSync('/etc/resolv.conf', 'utf8'), { except: [] }),
});

process.once('SIGTERM', () => {
  dns.drain();
  setTimeout(() => process.exit(0), DRAIN_MS);
});

await dns.start();
process.stdout.write('cluster-dns answers on port 53\n');
