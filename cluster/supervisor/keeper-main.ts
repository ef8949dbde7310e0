/** What a cluster's keeper does at the end: keeper.ts. */
import { rmSync } from 'node:fs';
import { killMarked } from '@skiff/node-agent/runtime/marked-processes';

const [, , cluster = '', stateDir = ''] = process.argv;
if (cluster !== '') await killMarked({ SKIFF_CLUSTER: cluster });
if (stateDir !== '') rmSync(stateDir, { recursive: true, force: true });
