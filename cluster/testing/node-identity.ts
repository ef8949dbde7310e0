import { nodeName } from '../network/addresses.ts';

/** The user that a node's agent is to the API server, and its groups. */
export const nodeIdentity = (index: number): { readonly user: string; readonly groups: readonly string[] } => ({
  user: `system:node:${nodeName(index)}`,
  groups: ['system:nodes'],
});
