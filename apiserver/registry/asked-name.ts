import type { ObjectMeta } from '@skiff/api/meta';

/** What an object is called before a name has been generated for it, where it is refused already (upstream: admission/errors.go). */
export const askedName = ({ name, generateName }: ObjectMeta): string => name || generateName || 'Unknown';
