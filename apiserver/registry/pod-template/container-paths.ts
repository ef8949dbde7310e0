import type { Container } from './container-defaults.ts';
import type { PodSpec } from './defaults.ts';

/** All containers of a Pod, each with its path: `spec.initContainers[0]`. */
export function containerPaths(spec: PodSpec, field: string): { container: Container; path: string }[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    // Ephemeral containers have the fields of containers.
    ((spec[list] ?? []) as readonly Container[]).map((container, index) => ({
      container,
      path: `${field}.${list}[${index}]`,
    })),
  );
}
