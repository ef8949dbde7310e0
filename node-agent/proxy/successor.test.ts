import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../exec.ts';
import { testInsideCluster } from '../runtime/inside-cluster.ts';
import { findTool } from '../runtime/tools.ts';
import { chooseProxier } from './choose-proxier.ts';
import { NftablesProxier } from './nftables.ts';
import type { ServicePortEntry, ServiceTable } from './proxier.ts';

const node = { nodeIP: '172.18.0.2', podCIDR: '10.244.1.0/24', clusterCIDR: '10.244.0.0/16' };

testInsideCluster(fileURLToPath(import.meta.url), () => {
  const options = { skip: findTool('nft') === undefined ? 'nft is not installed' : false };

  suite('the rules of an earlier node agent', options, () => {
    test('are replaced by the first table of its successor', async () => {
      await proxier().apply(table(['old', 'kept'], 1));
      const successor = proxier();
      await successor.apply(table(['kept', 'new'], 2));
      const rules = await listed();
      assert.deepEqual(chainsOf(rules), ['service-default/kept', 'service-default/new']);
      await successor.close();
      assert.equal(await listed(), '');
    });

    test('are made anew after somebody else spoiled them', async () => {
      const it = proxier();
      await it.apply(table(['a'], 1));
      await run('nft', ['delete', 'table', 'ip', 'skiff-services']);
      await assert.rejects(it.apply(table(['a', 'b'], 1)));
      await it.apply(table(['a', 'b'], 1));
      assert.deepEqual(chainsOf(await listed()), ['service-default/a', 'service-default/b']);
      await it.close();
    });

    test('take as many transactions as the kernel wants', async () => {
      const many = Array.from({ length: 400 }, (_, index) => `service-${index}`);
      const it = proxier();
      await it.apply(table(many, 3));
      assert.equal(chainsOf(await listed()).length, 400);
      await it.apply(table([], 0));
      assert.deepEqual(chainsOf(await listed()), []);
      await it.close();
    });
  });
});

test('auto takes nftables where nft is on the PATH and user space where it is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skiff-path-'));
  const path = process.env['PATH'];
  try {
    process.env['PATH'] = folder;
    assert.equal((await chooseProxier({ mode: 'auto', ...node })).mode, 'userspace');
    writeFileSync(join(folder, 'nft'), '#!/bin/sh\n', { mode: 0o755 });
    assert.equal((await chooseProxier({ mode: 'auto', ...node })).mode, 'nftables');
  } finally {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  }
});

function proxier(): NftablesProxier {
  return new NftablesProxier({ ...node, conntrack: false });
}

async function listed(): Promise<string> {
  return run('nft', ['list', 'ruleset']);
}

function chainsOf(rules: string): string[] {
  return [...rules.matchAll(/chain (service-\S+)/g)].map(([, name = '']) => name).sort();
}

function table(names: readonly string[], endpointCount: number): ServiceTable {
  const endpoints = Array.from({ length: endpointCount }, (_, index) => ({
    ip: `10.244.1.${index + 2}`,
    port: 8080,
    local: true,
  }));
  return {
    services: names.map(
      (name, index): ServicePortEntry => ({
        name: `default/${name}`,
        protocol: 'TCP',
        clusterIP: `10.96.${index >> 8}.${index & 255}`,
        port: 80,
        externalIPs: [],
        balancerIPs: [],
        endpoints,
        externalEndpoints: endpoints,
        externalTrafficPolicy: 'Cluster',
        localEndpoints: endpointCount,
      }),
    ),
  };
}
