import type { Clock } from '@skiff/api/clock';
import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Lease, Node, Pod } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { Controller, ControllerContext } from '../controller.ts';
import { isPodReady } from '../pod-state.ts';
import { wireTime } from '../wire-time.ts';
import { evictionTime } from './eviction.ts';
import { hasReported, readyOf, silentConditions, wantedTaints } from './node-health.ts';
import { removeOrphan } from './orphan.ts';

/** `--node-monitor-grace-period` of kube-controller-manager. */
const GRACE_MS = 40_000;
/** How long a Pod may name a node that is not there before it is removed. */
const ORPHAN_MS = 40_000;

const leaseNamespace = 'kube-node-lease';

/** A sign of life. */
interface Sign {
  /** Of the lease, and of the condition Ready: whichever changes. */
  readonly renewTime: string | undefined;
  readonly heartbeat: string | undefined;
  /** When we saw it, by our own clock: the node's may be wrong. */
  readonly at: number;
}

const unheard: Omit<Sign, 'at'> = { renewTime: undefined, heartbeat: undefined };

/**
 * Watches over nodes by their leases: a silent one becomes Unknown and is tainted, its Pods leave the slices and, after what they
 * tolerate, the node; Pods of a node that is gone are removed. Its queue holds names of nodes.
 */
export class NodeLifecycleController implements Controller, Reconciler {
  readonly name = 'node-controller';
  readonly #client: Client;
  readonly #nodes: Informer<Node>;
  readonly #leases: Informer<Lease>;
  readonly #pods: Informer<Pod>;
  readonly #events: EventRecorder;
  readonly #graceMs: number;
  readonly #signs = new Map<string, Sign>();
  readonly #missing = new Map<string, number>();
  readonly #podsByNode = new Map<string, Map<string, Pod>>();
  readonly #loop: ReconcileLoop;
  #unsubscribe: (() => void)[] = [];
  readonly #clock: Clock;

  constructor(context: ControllerContext, options: { graceMs?: number } = {}) {
    this.#clock = context.clock;
    this.#client = context.client;
    this.#nodes = context.informers.for('Node');
    this.#leases = context.informers.for('Lease');
    this.#pods = context.informers.for('Pod');
    this.#events = context.recorder(this.name);
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 4,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [
      this.#leases.onChange(({ type, object }) => this.#leaseChanged(type, object)),
      this.#nodes.onChange(({ object }) => this.#nodeChanged(object)),
      this.#pods.onChange(({ type, object, old }) => this.#podChanged(type, object, old)),
    ];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #leaseChanged(type: string, { metadata, spec }: Lease): void {
    if (metadata.namespace !== leaseNamespace || type === 'deleted') return;
    const before = this.#signs.get(metadata.name);
    if (before && before.renewTime === spec?.renewTime) return;
    this.#signs.set(metadata.name, { ...unheard, ...before, renewTime: spec?.renewTime, at: this.#clock.now() });
    // A renewal of a healthy node changes nothing until it fails to come.
    const node = this.#nodes.get({ name: metadata.name });
    if (!before || (node && readyOf(node) !== 'True')) this.#loop.enqueue({ name: metadata.name });
  }

  /** A node that is back says so by its status before its lease is renewed. */
  #nodeChanged(node: Node): void {
    const { name } = node.metadata;
    const heartbeat = node.status?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime;
    const before = this.#signs.get(name);
    if (heartbeat !== undefined && heartbeat !== before?.heartbeat)
      this.#signs.set(name, { ...unheard, ...before, heartbeat, at: this.#clock.now() });
    this.#loop.enqueue(node);
  }

  #podChanged(type: string, pod: Pod, old: Pod | undefined): void {
    const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
    const node = pod.spec?.nodeName;
    const before = old?.spec?.nodeName ?? node;
    if (before && (type === 'deleted' || before !== node)) this.#podsByNode.get(before)?.delete(key);
    if (!node || type === 'deleted') return;
    const pods = this.#podsByNode.get(node) ?? new Map<string, Pod>();
    this.#podsByNode.set(node, pods.set(key, pod));
    const known = this.#nodes.get({ name: node });
    if (!known || known.spec?.taints?.length) this.#loop.enqueue({ name: node });
  }

  async reconcile({ name }: ObjectKey): Promise<{ afterMs: number } | undefined> {
    const node = this.#nodes.get({ name });
    const pods = [...(this.#podsByNode.get(name)?.values() ?? [])];
    if (!node) return this.#removeOrphans(name, pods);
    this.#missing.delete(name);
    try {
      return await this.#watchOver(node, pods);
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) return { afterMs: 50 };
      throw error;
    }
  }

  async #watchOver(node: Node, pods: readonly Pod[]): Promise<{ afterMs: number } | undefined> {
    const { name } = node.metadata;
    const now = this.#clock.now();
    const sign = this.#signs.get(name) ?? { ...unheard, at: now };
    this.#signs.set(name, sign);
    const nodes = this.#client.resource('Node');
    const silence = now - sign.at;
    const conditions = silence >= this.#graceMs ? silentConditions(node, now) : undefined;
    if (conditions) {
      const status = { conditions };
      await nodes.patch({ name }, { status }, { type: 'strategic', subresource: 'status' });
      this.#events.event(node, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      return; // its own change brings it back
    }
    const taints = wantedTaints(node, now);
    if (taints) {
      const { resourceVersion } = node.metadata;
      await nodes.patch({ name }, { metadata: { resourceVersion }, spec: { taints } });
      return;
    }
    // A node that hasn't said anything yet, good or bad, takes nothing from its Pods.
    if (hasReported(node) && readyOf(node) !== 'True') await this.#markNotReady(pods, now);
    const dues = await this.#evict(node, pods, now);
    const waits = [...dues, ...(silence < this.#graceMs ? [sign.at + this.#graceMs] : [])].map((due) => due - now);
    return waits.length > 0 ? { afterMs: Math.max(10, Math.min(...waits)) } : undefined;
  }

  /** Takes the Pods out of the slices: nobody knows whether they still answer. */
  async #markNotReady(pods: readonly Pod[], now: number): Promise<void> {
    for (const pod of pods.filter(isPodReady)) {
      const condition = { type: 'Ready', status: 'False', lastTransitionTime: wireTime(now) };
      await this.#client
        .resource('Pod')
        .patch(keyOf(pod), { status: { conditions: [condition] } }, { type: 'strategic', subresource: 'status' })
        .catch(ignoreGone);
      this.#events.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }

  /** Deletes the Pods whose time is over; resolves with when the others' is. */
  async #evict(node: Node, pods: readonly Pod[], now: number): Promise<number[]> {
    const dues: number[] = [];
    for (const pod of pods) {
      if (pod.metadata.deletionTimestamp) continue;
      const due = evictionTime(pod, node.spec?.taints ?? [], now);
      if (due === undefined) continue;
      if (due > now) {
        dues.push(due);
        continue;
      }
      const { namespace, name } = keyOf(pod);
      this.#events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
      await this.#client.resource('Pod').delete(keyOf(pod)).catch(ignoreGone);
    }
    return dues;
  }

  /** Removes Pods of a node that does not come (back). */
  async #removeOrphans(node: string, pods: readonly Pod[]): Promise<{ afterMs: number } | undefined> {
    this.#signs.delete(node);
    if (pods.length === 0) {
      this.#missing.delete(node);
      return;
    }
    const since = this.#missing.get(node) ?? this.#clock.now();
    this.#missing.set(node, since);
    const wait = since + ORPHAN_MS - this.#clock.now();
    if (wait > 0) return { afterMs: wait };
    const exists = await this.#client
      .resource('Node')
      .get({ name: node })
      .then(
        () => true,
        (error: unknown) => !isNotFound(error),
      );
    if (exists) return { afterMs: ORPHAN_MS };
    for (const pod of pods) await removeOrphan(this.#client, pod, this.#clock.now());
    return;
  }
}

function ignoreGone(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
