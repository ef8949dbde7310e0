import assert from 'node:assert/strict';
import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';

/** What a node says of its data plane: node-agent/server/services-endpoint.ts. */
interface Programmed {
  readonly services: readonly { readonly name: string; readonly endpoints: readonly string[] }[];
}

/** Resolves when every node sends connections for a Service to those endpoints that its slices call ready, and to no others. */
export async function untilNodesFollow(client: Client, service: { namespace: string; name: string }): Promise<void> {
  const { namespace, name } = service;
  await eventually(async () => {
    const labelSelector = `kubernetes.io/service-name=${name}`;
    const [slices, nodes] = await Promise.all([
      client.resource('EndpointSlice').list({ namespace, labelSelector }),
      client.resource('Node').list(),
    ]);
    const wanted = slices.items.flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => (ports ?? []).map(({ port }) => `${addresses[0]}:${port}`)),
    );
    for (const node of nodes.items) {
      const path = `/api/v1/nodes/${node.metadata.name}/proxy/services`;
      const { services } = await client.request<Programmed>({ method: 'GET', path });
      const ports = services.filter((port) => port.name.split(':')[0] === `${namespace}/${name}`);
      const followed = ports.flatMap(({ endpoints }) => endpoints);
      assert.deepEqual([...followed].sort(), [...wanted].sort(), `${node.metadata.name} does not follow ${name} yet`);
    }
  });
}
