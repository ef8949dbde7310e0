import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { suite, test } from 'node:test';
import type { EndpointSlice, Service } from '@skiff/api/types';
import { HealthCheckServers } from './health-check-servers.ts';
import type { Proxier, ServicePortEntry, ServiceTable } from './proxier.ts';
import { type ServiceInformers, ServiceProxy } from './service-proxy.ts';

suite('the service proxy', () => {
  test('applies nothing before it knows all, then one table at a time and always the latest', async () => {
    const world = new World();
    const proxier = new SlowProxier();
    await using proxy = start(world, proxier);
    world.add('a');
    await turn();
    assert.deepEqual(proxier.tables, []);
    world.isSynced.resolve();
    await proxier.begun(1);
    for (const name of ['b', 'c', 'd']) world.add(name);
    proxier.finish();
    await proxier.begun(2);
    proxier.finish();
    await proxy.it.synced();
    await turn();
    assert.deepEqual(proxier.tables, [['default/a'], ['default/a', 'default/b', 'default/c', 'default/d']]);
  });

  test('tries again until the table is programmed, and only then says so', async () => {
    const world = new World();
    const proxier = new SlowProxier();
    const programmed: string[][] = [];
    await using proxy = start(world, proxier, (table) => programmed.push(table.services.map(({ name }) => name)));
    world.add('a');
    world.isSynced.resolve();
    await proxier.begun(1);
    proxier.finish(new Error('refused'));
    await proxier.begun(2);
    assert.deepEqual(programmed, []);
    proxier.finish();
    await proxy.it.synced();
    assert.deepEqual(programmed, [['default/a']]);
  });
});

test('a health check node port answers 200 with local endpoints and 503 without', async () => {
  const probe = http.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  const servers = new HealthCheckServers({ address: '127.0.0.1' });
  // Only what the servers read.
  const entry = (localEndpoints: number) =>
    ({ name: 'default/web:http', healthCheckNodePort: port, localEndpoints }) as ServicePortEntry;
  servers.update({ services: [entry(2)] });
  assert.deepEqual(await get(port), [200, 'default/web 2']);
  servers.update({ services: [entry(0)] });
  assert.deepEqual(await get(port), [503, 'default/web 0']);
  await servers.close();
});

/** Informers whose content the test decides. */
class World implements ServiceInformers {
  readonly isSynced = Promise.withResolvers<void>();
  readonly #services: Service[] = [];
  #tell: () => void = () => undefined;

  for(kind: 'Service'): ReturnType<ServiceInformers['for']> & { list(): Service[] };
  for(kind: 'EndpointSlice'): ReturnType<ServiceInformers['for']> & { list(): EndpointSlice[] };
  for(kind: string) {
    return {
      list: () => (kind === 'Service' ? [...this.#services] : []) as never[],
      onChange: (handler: () => void) => {
        if (kind === 'Service') this.#tell = handler;
        return () => undefined;
      },
      synced: () => this.isSynced.promise,
    };
  }

  add(name: string): void {
    const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80 }] };
    // Only what the table is made of.
    this.#services.push({ metadata: { name, namespace: 'default' }, spec } as unknown as Service);
    this.#tell();
  }
}

/** A proxier that takes as long as the test says. */
class SlowProxier implements Proxier {
  readonly mode = 'slow';
  readonly tables: string[][] = [];
  #running = Promise.withResolvers<void>();
  #heard: () => void = () => undefined;

  apply({ services }: ServiceTable): Promise<void> {
    this.tables.push(services.map(({ name }) => name));
    this.#running = Promise.withResolvers<void>();
    this.#heard();
    return this.#running.promise;
  }

  async begun(count: number): Promise<void> {
    while (this.tables.length < count)
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
  }

  finish(error?: Error): void {
    if (error === undefined) this.#running.resolve();
    else this.#running.reject(error);
  }

  async observe() {
    return { mode: this.mode, services: [] };
  }

  async close() {}
}

function start(world: World, proxier: Proxier, onTable: (table: ServiceTable) => void = () => undefined) {
  const it = new ServiceProxy({
    informers: world,
    nodes: { list: () => [], onChange: () => () => undefined, synced: async () => undefined },
    nodeName: 'node1',
    nodeIP: '127.0.0.1',
    proxier,
    logger: { warn: () => undefined },
    onProgrammed: ({ table }) => onTable(table),
  });
  it.start({ signal: new AbortController().signal });
  return { it, [Symbol.asyncDispose]: () => it.close() };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function get(port: number): Promise<[status: number | undefined, about: string]> {
  const [response] = (await once(http.get({ port, path: '/healthz', agent: false }), 'response')) as [
    http.IncomingMessage,
  ];
  const { service, localEndpoints } = JSON.parse((await response.toArray()).join(''));
  return [response.statusCode, `${service.namespace}/${service.name} ${localEndpoints}`];
}
