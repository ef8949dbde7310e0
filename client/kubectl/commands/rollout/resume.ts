import { patchingCommand, specOf } from './template-patch.ts';

export const command = patchingCommand({
  verb: 'resume',
  summary: 'Resume a paused resource.',
  done: 'resumed',
  patch: (object) => {
    const about = `${object.kind.toLowerCase()}s.apps ${JSON.stringify(object.metadata.name)}`;
    if (object.kind !== 'Deployment') return `${about} resuming is not supported`;
    return specOf(object).paused ? { spec: { paused: null } } : `${about} is not paused`;
  },
});
