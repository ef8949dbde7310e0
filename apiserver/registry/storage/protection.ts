import type { StoredMeta } from '@skiff/api/meta';

/** Holds a volume or claim while it is in use (upstream: the StorageObjectInUseProtection admission plugin). Mutates. */
export function protect({ metadata }: { metadata: StoredMeta }, finalizer: string): void {
  if (metadata.finalizers?.includes(finalizer)) return;
  metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
}
