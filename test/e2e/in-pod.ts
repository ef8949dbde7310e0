import type { Client } from '@skiff/client/client';
import { eventually } from '@skiff/client/testing/eventually';

let made = 0;

/**
 * Runs a shell script in a Pod of its own, on the host's programs, and resolves with what it wrote. Rejects with that where the script
 * fails.
 */
export async function inPod(
  client: Client,
  script: string,
  options: { namespace?: string; node?: string } = {},
): Promise<string> {
  const { namespace = 'default', node } = options;
  made += 1;
  const key = { namespace, name: `asker-${made}` };
  const pods = client.resource('Pod');
  await pods.create({
    metadata: key,
    spec: {
      restartPolicy: 'Never',
      ...(node && { nodeName: node }),
      containers: [{ name: 'sh', image: 'host', command: ['sh', '-c', `exec 2>&1\n${script}`] }],
    },
  });
  const phase = await eventually(
    async () => {
      const { status } = await pods.get(key);
      if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
        throw new Error(`Pod ${key.name} did not end: ${JSON.stringify(status)}`);
      return status.phase;
    },
    { withinMs: 30_000 },
  );
  const response = await client.stream({ method: 'GET', path: `/api/v1/namespaces/${namespace}/pods/${key.name}/log` });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  await pods.delete(key, { gracePeriodSeconds: 0 });
  if (phase === 'Failed') throw new Error(`the script failed:\n${script}\n${text}`);
  return text;
}
