import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@skiff/api/clock';
import { formatKey, keyOf } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Node, Pod, Service } from '@skiff/api/types';
import type { EventRecorder } from '@skiff/client/events';
import type { Informer } from '@skiff/client/informer';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { isPodFinished, podCondition } from '../pod-state.ts';
import { wireTime } from '../wire-time.ts';
import { chooseNode } from './choose.ts';
import { ClusterState } from './cluster-state.ts';
import { uidOf } from './node-info.ts';
import { relatedTo } from './related.ts';

export const schedulerName = 'default-scheduler';

/** So many bindings are on their way at once: the API server commits writes that arrive together together. */
const bindingsInFlight = 64;
const retryMs = 1000;

/**
 * Gives every Pod that has none a node. Decisions are made one after the other in memory, all waiting Pods in one go, and
 * counted as true at once; the bindings follow side by side.
 */
export class Scheduler implements Controller {
  readonly name = schedulerName;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #services: Informer<Service>;
  readonly #client: ResourceClient<Pod>;
  readonly #events: EventRecorder;
  readonly #logger: ControllerContext['logger'];
  readonly #state = new ClusterState();
  /** Pods to decide about in the next pass, by uid. */
  readonly #waiting = new Map<string, Pod>();
  /** Pods that fitted nowhere: they wait for a change of the cluster. */
  readonly #unschedulable = new Map<string, Pod>();
  readonly #binding = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #unsubscribe: (() => void)[] = [];
  #pass: NodeJS.Immediate | undefined;
  #closed = false;
  readonly #clock: Clock;

  constructor(context: ControllerContext) {
    this.#clock = context.clock;
    this.#pods = context.informers.for('Pod');
    this.#nodes = context.informers.for('Node');
    this.#services = context.informers.for('Service');
    this.#client = context.client.resource('Pod');
    this.#events = context.recorder(this.name);
    this.#logger = context.logger;
  }

  start({ signal }: { signal: AbortSignal }): void {
    signal.addEventListener('abort', () => void this.close(), { once: true });
    this.#unsubscribe = [
      this.#nodes.onChange((change) => this.#nodeChanged(change)),
      this.#pods.onChange(({ type, object }) => this.#podChanged(type, object)),
    ];
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#pass) clearImmediate(this.#pass);
    await Promise.allSettled(this.#binding);
  }

  #nodeChanged({ type, object, old }: { type: string; object: Node; old?: Node }): void {
    if (type === 'deleted') {
      this.#state.removeNode(object.metadata.name);
      return;
    }
    // Heartbeats change nothing that a decision depends on.
    if (type === 'updated' && old && isDeepStrictEqual(facts(old), facts(object))) return;
    this.#state.setNode(object);
    this.#retryAll();
  }

  #podChanged(type: string, pod: Pod): void {
    const uid = uidOf(pod);
    const over = type === 'deleted' || isPodFinished(pod);
    if (over) this.#state.removePod(pod);
    else this.#state.setPod(pod);
    if (over || pod.spec?.nodeName || !isOurs(pod)) {
      this.#waiting.delete(uid);
      this.#unschedulable.delete(uid);
      // Its end may have made room.
      if (over && pod.spec?.nodeName) this.#retryAll();
      return;
    }
    if (this.#state.isPlaced(pod) || this.#waiting.has(uid)) return;
    const tried = this.#unschedulable.get(uid);
    if (tried && isDeepStrictEqual(wishes(tried), wishes(pod))) this.#unschedulable.set(uid, pod);
    else this.#enqueue(pod);
  }

  #enqueue(pod: Pod): void {
    this.#unschedulable.delete(uidOf(pod));
    this.#waiting.set(uidOf(pod), pod);
    // Whatever else arrives in this turn of the event loop is decided in the same pass.
    if (!this.#closed) this.#pass ??= setImmediate(() => this.#decide());
  }

  #retryAll(): void {
    for (const pod of [...this.#unschedulable.values()]) this.#enqueue(pod);
  }

  #decide(): void {
    this.#pass = undefined;
    const pods = [...this.#waiting.values()].sort(inTurn);
    for (const pod of pods) {
      if (this.#binding.size >= bindingsInFlight) break;
      this.#waiting.delete(uidOf(pod));
      const services = this.#services.list(pod.metadata.namespace);
      const choice = chooseNode(pod, this.#state.nodes(), relatedTo(pod, services));
      if ('node' in choice) {
        this.#state.assume(pod, choice.node.name);
        this.#track(this.#bind(pod, choice.node.name));
      } else {
        this.#unschedulable.set(uidOf(pod), pod);
        this.#track(this.#tellUnschedulable(pod, choice.message));
      }
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#binding.delete(tracked);
      if (this.#waiting.size > 0 && !this.#closed) this.#pass ??= setImmediate(() => this.#decide());
    });
    this.#binding.add(tracked);
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    try {
      await this.#client.subresource(keyOf(pod), 'binding', 'POST', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      });
      this.#events.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${formatKey(keyOf(pod))} to ${node}`);
    } catch (error) {
      this.#state.forget(pod);
      // Gone, or somebody else was faster: the cache is about to say so.
      if (isNotFound(error) || isConflict(error)) return;
      this.#logger.error({ err: error, pod: formatKey(keyOf(pod)), node }, 'binding failed');
      this.#retryLater(pod);
    }
  }

  #retryLater(pod: Pod): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const now = this.#pods.get(keyOf(pod));
      if (now && uidOf(now) === uidOf(pod) && !now.spec?.nodeName && !this.#state.isPlaced(now)) this.#enqueue(now);
    }, retryMs);
    this.#timers.add(timer);
  }

  async #tellUnschedulable(pod: Pod, message: string): Promise<void> {
    const before = podCondition(pod, 'PodScheduled');
    if (before?.status === 'False' && before.reason === 'Unschedulable' && before.message === message) return;
    this.#events.event(pod, 'Warning', 'FailedScheduling', message);
    // Where there are no Nodes at all, somebody drives Pods by hand: a control plane for tests. Their status is not ours to write.
    if (this.#state.nodes().length === 0) return;
    const lastTransitionTime =
      before?.status === 'False' && before.lastTransitionTime ? before.lastTransitionTime : wireTime(this.#clock.now());
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime };
    try {
      const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
      await this.#client.patch(keyOf(pod), patch, { type: 'strategic', subresource: 'status' });
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      this.#logger.error({ err: error, pod: formatKey(keyOf(pod)) }, 'writing the PodScheduled condition failed');
      this.#retryLater(pod);
    }
  }
}

/** Whether this scheduler decides about the Pod. One that is ending without ever having run needs no node any more. */
function isOurs({ metadata, spec }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    (spec?.schedulerName ?? schedulerName) === schedulerName &&
    !spec?.schedulingGates?.length
  );
}

/** What of a node a decision depends on. */
const facts = ({ metadata, spec, status }: Node): unknown => [
  metadata.uid,
  metadata.labels,
  spec,
  status?.allocatable,
  status?.capacity,
];

/** What of a Pod a decision depends on. */
const wishes = ({ metadata, spec }: Pod): unknown => [metadata.labels, spec];

/** The more important first, then the older, then by name. */
function inTurn(a: Pod, b: Pod): number {
  const byPriority = (b.spec?.priority ?? 0) - (a.spec?.priority ?? 0);
  if (byPriority !== 0) return byPriority;
  const key = ({ metadata }: Pod): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
