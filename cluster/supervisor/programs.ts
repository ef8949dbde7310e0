import { fileURLToPath } from 'node:url';

/** The programs of the cluster, by the file that starts each. */
export const programs = {
  supervisor: fileURLToPath(import.meta.resolve('@skiff/cluster/supervisor/main')),
  apiserver: fileURLToPath(import.meta.resolve('@skiff/apiserver/main')),
  controllers: fileURLToPath(import.meta.resolve('@skiff/controllers/main')),
  socks: fileURLToPath(import.meta.resolve('@skiff/cluster/socks/main')),
  keeper: fileURLToPath(import.meta.resolve('@skiff/cluster/supervisor/keeper-main')),
  nodeAgent: fileURLToPath(import.meta.resolve('@skiff/node-agent/main')),
} as const;

/**
 * V8 gives each process a smaller young generation: the parts are many and their garbage is little. DEP0112 is about raw UDP sockets
 * (network/socket-handle.ts), which Node has no other way to make.
 */
export const nodeFlags = [
  '--max-semi-space-size=2',
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=DEP0112',
] as const;
