import type { CustomResourceDefinition } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { New } from '@skiff/client/resource';

/** Creates definitions, and resolves when the server serves what they define. Rejects where it does not take one. */
export async function establish(client: Client, definitions: readonly New<CustomResourceDefinition>[]): Promise<void> {
  const resource = client.resource('CustomResourceDefinition');
  await Promise.all(
    definitions.map(async (definition) => {
      const { metadata } = await resource.create(definition);
      const watched = { fieldSelector: `metadata.name=${metadata.name}`, resourceVersion: '0' };
      for await (const { object } of resource.watch(watched)) {
        const { conditions = [] } = object.status ?? {};
        if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return;
        const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
        if (refused) throw new Error(`the definition "${metadata.name}" is not accepted: ${refused.message}`);
      }
      throw new Error(`the watch ended before the definition "${metadata.name}" was established`);
    }),
  );
}
