import { metadataCommand } from './metadata-edits.ts';

export const command = metadataCommand({ member: 'labels', command: 'label', noun: 'label', done: 'labeled' });
