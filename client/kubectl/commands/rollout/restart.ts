import { patchingCommand, specOf } from './template-patch.ts';

const restartable = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

export const command = patchingCommand({
  verb: 'restart',
  summary: 'Restart a resource.',
  done: 'restarted',
  patch: (object) => {
    const { kind, metadata } = object;
    const about = `${kind.toLowerCase()}s.apps ${JSON.stringify(metadata.name)}`;
    if (!restartable.has(kind)) return `${about} restarting is not supported`;
    if (specOf(object).paused) return `${about} can't restart paused deployment (run rollout resume first)`;
    const restartedAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt };
    return { spec: { template: { metadata: { annotations } } } };
  },
});
