import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { defaultSettings, settingsOf } from './settings.ts';

const server = (...lines: string[]) => `# a comment\n.:53 {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;

test('the Corefile of the cluster’s own manifest says what the server does anyway', () => {
  const manifest = readFileSync(new URL('../../cluster/manifests/cluster-dns.yaml', import.meta.url), 'utf8');
  const objects = parseAllDocuments(manifest).map((document) => document.toJS());
  const { data } = objects.find(({ kind }) => kind === 'ConfigMap');
  assert.deepEqual(settingsOf(data.Corefile), defaultSettings);
});

test('each directive that means something here is taken from the Corefile', () => {
  const kubernetes = ['kubernetes example.org in-addr.arpa {', '  ttl 30', '  pods disabled', '}'];
  const corefile = server(
    'log # all',
    'health {',
    'lameduck 250ms',
    '}',
    ...kubernetes,
    'forward . 9.9.9.9 8.8.8.8:5353',
  );
  assert.deepEqual(settingsOf(corefile), {
    domain: 'example.org',
    podNames: false,
    ttl: 30,
    log: true,
    lameduckMs: 250,
    forward: [
      { address: '9.9.9.9', port: 53 },
      { address: '8.8.8.8', port: 5353 },
    ],
  });
  assert.deepEqual(settingsOf(server('cache 30', 'loadbalance')).forward, [], 'nobody is asked unless it says so');
});

test('what CoreDNS would not start with is refused, with the line', () => {
  const cases: [string, RegExp][] = [
    [server('errors', 'nonsense'), /^Corefile:4 .*Unknown directive 'nonsense'$/],
    ['.:53 {\n  log\n', /Unexpected EOF, expecting '}'$/],
    ['.:53 {\n}\n}\n', /^Corefile:3 .*Unexpected '}'$/],
    ['example.org:53 {\n}\n', /no server block '\.:53'/],
    [server('forward . nowhere'), /not an IP address or file: "nowhere"/],
    [server('kubernetes cluster.local {', 'ttl 4000', '}'), /^Corefile:3 .*ttl must be in range/],
    [server('health {', 'lameduck soon', '}'), /invalid duration "soon"/],
  ];
  for (const [corefile, message] of cases) assert.throws(() => settingsOf(corefile), { message });
});
