import { metadataCommand } from './metadata-edits.ts';

export const command = metadataCommand({
  member: 'annotations',
  command: 'annotate',
  noun: 'annotation',
  done: 'annotated',
});
