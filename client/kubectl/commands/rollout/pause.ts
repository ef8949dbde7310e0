import { patchingCommand, specOf } from './template-patch.ts';

export const command = patchingCommand({
  verb: 'pause',
  summary: 'Mark the provided resource as paused.',
  done: 'paused',
  patch: (object) => {
    const about = `${object.kind.toLowerCase()}s.apps ${JSON.stringify(object.metadata.name)}`;
    if (object.kind !== 'Deployment') return `${about} pausing is not supported`;
    return specOf(object).paused ? `${about} is already paused` : { spec: { paused: true } };
  },
});
