import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestView } from './testing.ts';
import { ClusterZone } from './zone.ts';

const http = { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 };
const view = new TestView()
  .add('web', { clusterIP: '10.96.0.20', ports: [http, { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 }] })
  .add('db', { clusterIP: 'None', ports: [http] }, [
    { addresses: ['10.244.1.5'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.2.7'], conditions: {} },
    { addresses: ['10.244.2.8'], conditions: { ready: false } },
  ])
  .add('bare', { clusterIP: 'None' }, [{ addresses: ['10.244.1.9'] }])
  .add('empty', { clusterIP: 'None', ports: [http] })
  .add('away', { type: 'ExternalName', externalName: 'example.com.' });
const zone = new ClusterZone({ domain: 'cluster.local', ttl: 5, podNames: true, view });

/** What a question is answered with, as one line. */
function ask(name: string, type = 'A'): string {
  const answer = zone.answer(name, type);
  if (answer.type === 'alias') return `alias ${answer.target}`;
  if (answer.type !== 'found') return answer.type;
  const texts = answer.answers.map((record) => {
    if (record.type === 'SRV')
      return `${record.data.priority} ${record.data.weight} ${record.data.port} ${record.data.target}`;
    return 'data' in record && typeof record.data === 'string' ? record.data : record.type;
  });
  return texts.sort().join(', ') || 'nothing';
}

test('names of the cluster lead where CoreDNS leads them', () => {
  const cases: [name: string, type: string, answer: string][] = [
    ['web.default.svc.cluster.local', 'A', '10.96.0.20'],
    ['WEB.Default.svc.cluster.LOCAL', 'A', '10.96.0.20'],
    ['web.default.svc.cluster.local', 'AAAA', 'nothing'],
    ['_http._tcp.web.default.svc.cluster.local', 'SRV', '0 100 80 web.default.svc.cluster.local'],
    ['_dns._udp.web.default.svc.cluster.local', 'SRV', '0 100 53 web.default.svc.cluster.local'],
    ['_http._udp.web.default.svc.cluster.local', 'SRV', 'no such name'],
    ['_other._tcp.web.default.svc.cluster.local', 'SRV', 'no such name'],
    ['db.default.svc.cluster.local', 'A', '10.244.1.5, 10.244.2.7'],
    ['db-0.db.default.svc.cluster.local', 'A', '10.244.1.5'],
    ['10-244-2-7.db.default.svc.cluster.local', 'A', '10.244.2.7'],
    ['10-244-2-8.db.default.svc.cluster.local', 'A', 'no such name'],
    [
      '_http._tcp.db.default.svc.cluster.local',
      'SRV',
      '0 50 8080 10-244-2-7.db.default.svc.cluster.local, 0 50 8080 db-0.db.default.svc.cluster.local',
    ],
    ['bare.default.svc.cluster.local', 'A', '10.244.1.9'],
    ['bare.default.svc.cluster.local', 'SRV', 'nothing'],
    ['empty.default.svc.cluster.local', 'A', 'no such name'],
    ['away.default.svc.cluster.local', 'A', 'alias example.com'],
    ['missing.default.svc.cluster.local', 'A', 'no such name'],
    ['web.missing.svc.cluster.local', 'A', 'no such name'],
    ['default.svc.cluster.local', 'A', 'nothing'],
    ['missing.svc.cluster.local', 'A', 'no such name'],
    ['svc.cluster.local', 'A', 'nothing'],
    ['cluster.local', 'A', 'nothing'],
    ['cluster.local', 'SOA', 'SOA'],
    ['cluster.local', 'NS', 'ns.dns.cluster.local'],
    ['ns.dns.cluster.local', 'AAAA', 'nothing'],
    ['dns-version.cluster.local', 'TXT', '1.1.0'],
    ['dns-version.cluster.local', 'A', 'nothing'],
    ['www.google.com.default.svc.cluster.local', 'A', 'no such name'],
    ['10-244-1-5.default.pod.cluster.local', 'A', '10.244.1.5'],
    ['10-244-1-5.missing.pod.cluster.local', 'A', 'no such name'],
    ['web.default.pod.cluster.local', 'A', 'no such name'],
    ['20.0.96.10.in-addr.arpa', 'PTR', 'web.default.svc.cluster.local'],
    ['5.1.244.10.in-addr.arpa', 'PTR', 'db-0.db.default.svc.cluster.local'],
    ['7.2.244.10.in-addr.arpa', 'PTR', '10-244-2-7.db.default.svc.cluster.local'],
    ['9.9.244.10.in-addr.arpa', 'PTR', 'no such name'],
    ['8.8.8.8.in-addr.arpa', 'PTR', 'not ours'],
    ['example.com', 'A', 'not ours'],
    ['notcluster.local', 'A', 'not ours'],
  ];
  for (const [name, type, answer] of cases) assert.equal(ask(name, type), answer, `${name} ${type}`);
});

test('names of Pods by address can be switched off', () => {
  const without = new ClusterZone({ domain: 'cluster.local', ttl: 5, podNames: false, view });
  assert.deepEqual(without.answer('10-244-1-5.default.pod.cluster.local', 'A'), { type: 'no such name' });
});

test('answers hold for five seconds', () => {
  const answer = zone.answer('web.default.svc.cluster.local', 'A');
  assert.ok(answer.type === 'found' && answer.answers.every((record) => 'ttl' in record && record.ttl === 5));
});
