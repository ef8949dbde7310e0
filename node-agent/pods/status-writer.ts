import { isDeepStrictEqual } from 'node:util';
import { isConflict, isNotFound, StatusError } from '@skiff/api/status';
import type { Pod } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { Clock } from '../clock.ts';
import type { NodePod, PodStatus } from './types.ts';

interface Entry {
  pod: NodePod;
  wanted: PodStatus;
  /** What the API server has, as far as is known, and as of which resource version. */
  written: PodStatus | undefined;
  revision: number;
  writing: Promise<void> | undefined;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Writes the statuses of this node's Pods: at once, one write at a time for each Pod, always the latest, and none where nothing has changed.
 * What can't be written is tried again until the Pod is gone.
 */
export class StatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(options: { client: Client; clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
  }

  /** Returns at once. */
  set(pod: NodePod, wanted: PodStatus): void {
    const { uid } = pod.metadata;
    const revision = revisionOf(pod);
    const entry = this.#entries.get(uid) ?? { pod, wanted, written: pod.status, revision, writing: undefined };
    // Somebody else wrote since: the node controller does to a node that it can't hear.
    if (!entry.writing && revision > entry.revision) Object.assign(entry, { written: pod.status, revision });
    this.#entries.set(uid, Object.assign(entry, { pod, wanted }));
    if (!entry.writing && !isSame(entry)) entry.writing = this.#write(uid, entry);
  }

  /** Resolves when all that was set for a Pod is written, or the Pod is gone. */
  async written(uid: string): Promise<void> {
    await this.#entries.get(uid)?.writing;
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (this.#entries.get(uid) === entry && !isSame(entry)) {
      const { pod, wanted, written } = entry;
      const { namespace, name } = pod.metadata;
      const patch = { metadata: { uid }, status: statusPatch(wanted, written) };
      try {
        const answer = await this.#client
          .resource('Pod')
          .patch({ namespace, name }, patch, { type: 'strategic', subresource: 'status' });
        Object.assign(entry, { written: wanted, revision: revisionOf(answer) });
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        // Gone, or another Pod of the same name; or the answer to what the server will never take.
        if (isNotFound(error) || isConflict(error) || isRefused(error)) break;
        await new Promise<void>((resolve) => this.#clock.after(retryMs, resolve));
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
    entry.writing = undefined;
  }
}

/** Resource versions grow (Kubernetes 1.35, KEP-5504). */
function revisionOf({ metadata }: Pick<NodePod, 'metadata'> | Pod): number {
  return Number(metadata.resourceVersion ?? 0);
}

function isRefused(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 403 || error.code === 422 || error.code === 400);
}

/** Conditions of others than the kubelet don't count. */
function isSame({ wanted, written }: Entry): boolean {
  if (written === undefined) return false;
  const { conditions: ours = [], ...rest } = wanted;
  const { conditions: theirs = [], ...before } = written;
  const relevant = theirs.filter(({ type }) => ours.some((condition) => condition.type === type));
  return isDeepStrictEqual(rest, before) && isDeepStrictEqual(sorted(ours), sorted(relevant));
}

function sorted<T extends { type: string }>(conditions: readonly T[]): T[] {
  return [...conditions].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/**
 * A strategic merge patch from one status to another: conditions are merged by type, so that those of others stay; what is no longer
 * there is set to null.
 */
export function statusPatch(wanted: PodStatus, written: PodStatus = {}): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...withNulls(wanted, written) };
  patch['conditions'] = wanted.conditions?.map((condition) =>
    withNulls(
      condition,
      written.conditions?.find(({ type }) => type === condition.type),
    ),
  );
  // Merged by address otherwise: the old one would stay.
  if (wanted.podIPs && !isDeepStrictEqual(wanted.podIPs, written.podIPs))
    patch['podIPs'] = [{ $patch: 'replace' }, ...wanted.podIPs];
  return patch;
}

function withNulls(wanted: object, written: object | undefined): object {
  const gone = Object.keys(written ?? {}).filter((field) => !(field in wanted));
  return { ...wanted, ...Object.fromEntries(gone.map((field) => [field, null])) };
}
