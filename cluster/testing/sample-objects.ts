import type { Deployment } from '@skiff/api/types';
import type { New } from '@skiff/client/resource';

/** A Deployment in the namespace `default` whose Pods carry the label `app`. */
export function deploymentOf(app: string, replicas: number): New<Deployment> {
  return {
    metadata: { namespace: 'default', name: app },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'registry.example/main:1' }] },
      },
    },
  };
}
