/** `npm pack` runs this first: it builds the package's content into `dist`, which git does not know. */
import { join } from 'node:path';
import { buildPackage } from './build.ts';

const root = join(import.meta.dirname, '..', '..');
buildPackage({ root, out: join(root, 'dist') });
