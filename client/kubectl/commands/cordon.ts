import { cordonCommand } from './cordoning.ts';

export const command = cordonCommand('cordon');
