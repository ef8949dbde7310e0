import { inParallel } from './benchmark.ts';
import type { ServerProcess } from './server-process.ts';

const namespace = '/api/v1/namespaces/default';
export const mapsPath = `${namespace}/configmaps`;
export const podsPath = `${namespace}/pods`;

export const configMap = (name: string): object => ({
  metadata: { name, labels: { app: name } },
  data: { 'settings.json': '{"colour":"blue","size":"large"}'.repeat(8) },
});

/** A Pod of ordinary size. */
export const pod = (name: string): object => ({
  metadata: { name, labels: { app: 'web', 'pod-template-hash': 'abc' } },
  spec: {
    serviceAccountName: 'default',
    containers: [
      {
        name: 'web',
        image: 'registry.example.com/web:1.2.3',
        ports: [{ containerPort: 8080, name: 'http' }],
        env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        resources: { requests: { cpu: '100m', memory: '128Mi' } },
        readinessProbe: { httpGet: { port: 'http' } },
      },
    ],
  },
});

const connections = 32;

/** Stores so many objects. */
export async function fill(
  server: ServerProcess,
  path: string,
  options: { count: number; make(name: string): object },
): Promise<void> {
  const work = async (index: number): Promise<void> => {
    await server.send('POST', path, options.make(`o-${index}`));
  };
  await inParallel(options.count, { connections, work });
}

/** The account that Pods need. */
export const makeAccount = (server: ServerProcess): Promise<string> =>
  server.send('POST', `${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
