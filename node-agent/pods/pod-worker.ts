import { rmSync } from 'node:fs';
import { isConflict, isNotFound } from '@skiff/api/status';
import { formatTime } from '../clock.ts';
import { podFolders } from '../config.ts';
import type { ContainerProbes } from '../probes/pod-probes.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import type { Rejection } from './admission.ts';
import { type ContainerHistory, historyOf, lostContainers } from './container-history.ts';
import { killContainer, killPod } from './container-killer.ts';
import { ContainerStarts } from './container-starts.ts';
import type { NodeServices } from './node-services.ts';
import { planPod, restarts } from './plan.ts';
import { PodGround } from './pod-ground.ts';
import { podStatus, rejectedStatus } from './pod-status.ts';
import { TerminationMessages } from './termination-messages.ts';
import { allContainers, type Container, type NodePod, type PodStatus } from './types.ts';
import { Wake } from './wake.ts';

/** How soon it is tried again what failed for a reason that is not known. */
const RETRY_MS = 3000;
const DEFAULT_GRACE_SECONDS = 30;
const EVICTION_GRACE_MS = 1000;

/**
 * One Pod on this node, from its arrival to its end. Level-based: each turn looks at what is wanted and what there is and does what
 * is missing; it may end at any point and be begun anew by another agent.
 */
export class PodWorker {
  readonly #node: NodeServices;
  readonly #ground: PodGround;
  readonly #probes: ContainerProbes;
  readonly #starts: ContainerStarts;
  readonly #wake: Wake;
  readonly #startTime: string;
  readonly #rejection: Rejection | undefined;
  /** What ran before the whole cluster was stopped, by container name. */
  readonly #lost: ReadonlyMap<string, ContainerHistory>;
  readonly #messages: TerminationMessages;
  #history: ReadonlyMap<string, ContainerHistory> = new Map();
  #pod: NodePod;
  #status: PodStatus | undefined;
  /** Why this node ended it, and why it is about to. */
  #failure: { reason: string; message: string } | undefined;
  #eviction: string | undefined;
  #removed = false;
  #finished: boolean;
  #closed = false;
  /** Whether a Pod that is over was cleaned up. */
  #stopped = false;
  /** Ends the starts that go on. */
  #starting = new AbortController();
  /** When all containers must have ended; undefined while the Pod is wanted. */
  #endBy: number | undefined;
  /** Whether that is under way. */
  #ending = false;
  #cancelForce: () => void = () => {};

  /** A Pod that is rejected is over before anything of it has run. */
  constructor(node: NodeServices, pod: NodePod, { rejection }: { rejection?: Rejection | undefined } = {}) {
    this.#node = node;
    this.#rejection = rejection;
    this.#pod = pod;
    this.#ground = new PodGround(node);
    this.#starts = new ContainerStarts(node);
    this.#messages = new TerminationMessages(node.config);
    this.#wake = new Wake(node.clock);
    this.#startTime = pod.status?.startTime ?? formatTime(node.clock.now());
    this.#lost = new Map(lostContainers(pod).map((lost) => [lost.latest.name, lost]));
    const { phase } = pod.status ?? {};
    this.#finished = rejection !== undefined || phase === 'Succeeded' || phase === 'Failed';
    this.#probes = node.probes({
      ...node,
      pod: () => this.#pod,
      podIP: () => this.#ground.sandbox?.ip ?? '',
      onChange: () => this.#wake.now(),
    });
  }

  get isRejected(): boolean {
    return this.#rejection !== undefined;
  }

  /** With the status that this node has found out last. */
  get pod(): NodePod {
    return this.#status ? { ...this.#pod, status: this.#status } : this.#pod;
  }

  /** Works until the Pod is gone from the node, or {@link close}. */
  async run(): Promise<void> {
    while (!this.#closed) {
      await this.#wake.next();
      if (this.#closed) return;
      try {
        if (this.#endBy !== undefined || this.#isDeleted()) {
          await this.#end();
          return;
        }
        await this.#turn();
      } catch (error) {
        this.#node.events.event(this.#pod, 'Warning', 'FailedSync', `error syncing pod: ${String(error)}`);
        this.#wake.after(RETRY_MS);
      }
    }
  }

  update(pod: NodePod): void {
    this.#pod = pod;
    if (this.#isDeleted()) this.#hasten(pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
    this.#wake.now();
  }

  /** The API server doesn't know it any more: what runs is to end, and nobody is to be told. */
  remove(last: NodePod): void {
    this.#removed = true;
    const { deletionGracePeriodSeconds } = last.metadata;
    this.#hasten(deletionGracePeriodSeconds ?? last.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
    this.#wake.now();
  }

  wake(): void {
    this.#wake.now();
  }

  /** Has the Pod fail and its containers end, as good as at once, unless it is over or to go anyway. */
  evict(message: string): void {
    if (this.#finished || this.#endBy !== undefined) return;
    this.#eviction ??= message;
    this.#starting.abort();
    this.#wake.now();
  }

  /** Lets go of the Pod, which runs on. */
  close(): void {
    this.#closed = true;
    this.#starting.abort();
    this.#probes.stop();
    this.#cancelForce();
    this.#wake.cancel();
    this.#wake.now();
  }

  #isDeleted(): boolean {
    return this.#pod.metadata.deletionTimestamp !== undefined;
  }

  async #turn(): Promise<void> {
    const pod = this.#pod;
    await this.#look();
    if (!this.#finished && this.#hasEnded()) this.#finished = true;
    if (this.#finished) return this.#finish();
    this.#publish();
    const { ready, afterMs } = await this.#ground.prepare(pod);
    if (afterMs !== undefined) this.#wake.after(afterMs);
    if (!ready) return;
    if ((await this.#isEvicted()) || (await this.#isOverdue())) return this.#finish();
    await this.#restartUnhealthy();
    const plan = planPod(pod, this.#history, (name) => this.#probes.isStarted(name));
    for (const container of plan.start) if (!this.#starting.signal.aborted) await this.#start(container);
    if (plan.stop.length > 0) await this.#kill(this.#graceMs(), plan.stop);
    await this.#look();
    if (plan.finished) return this.#finish();
    this.#publish();
  }

  /** Whether it ended before the whole cluster, or this agent, was stopped. */
  #hasEnded(): boolean {
    if (this.#ground.sandbox !== undefined || this.#history.size > 0) return false;
    const { containers } = this.#pod.spec;
    return containers.every((container) => {
      const lost = this.#lost.get(container.name)?.latest;
      return lost !== undefined && !restarts(this.#pod, container, lost.exitCode ?? 1);
    });
  }

  /** Reads how the containers are, and has those probed that run. */
  async #look(): Promise<void> {
    const statuses = await this.#node.runtime.listContainers(this.#pod.metadata.uid);
    this.#history = historyOf(await Promise.all(statuses.map((status) => this.#messages.complete(this.#pod, status))));
    this.#probes.follow(this.#finished ? new Map() : this.#running(), { ending: this.#endBy !== undefined });
  }

  #running(): Map<Container, RuntimeStatus> {
    const running = new Map<Container, RuntimeStatus>();
    for (const container of allContainers(this.#pod.spec)) {
      const status = this.#history.get(container.name)?.latest;
      if (status?.state === 'running') running.set(container, status);
    }
    return running;
  }

  async #start(container: Container): Promise<void> {
    const { sandbox, volumes } = this.#ground;
    if (sandbox === undefined) return;
    const { name } = container;
    const known = { seen: this.#history.get(name), before: this.#lost.get(name) };
    const { signal } = this.#starting;
    const afterMs = await this.#starts.start({ pod: this.#pod, container, sandbox, volumes, signal }, known);
    if (afterMs !== undefined) this.#wake.after(afterMs);
  }

  async #restartUnhealthy(): Promise<void> {
    const pod = this.#pod;
    const podIP = this.#ground.sandbox?.ip ?? '';
    for (const [container, status] of this.#running()) {
      const probe = this.#probes.failure(container.name);
      if (probe === undefined) continue;
      const { livenessProbe, startupProbe } = container;
      const own = (probe === 'startup' ? startupProbe : livenessProbe)?.terminationGracePeriodSeconds;
      const until = this.#node.clock.now() + (own === undefined ? this.#graceMs() : own * 1000);
      const message = `Container ${container.name} failed ${probe} probe, will be restarted`;
      await killContainer(this.#node, { pod, container, status }, { podIP, until, message });
    }
    await this.#look();
  }

  /** Whether it was evicted; then its containers are ended. */
  async #isEvicted(): Promise<boolean> {
    const message = this.#eviction;
    if (message === undefined) return false;
    await this.#fail({ reason: 'Evicted', message }, { type: 'Warning', graceMs: EVICTION_GRACE_MS });
    return true;
  }

  /** Whether `activeDeadlineSeconds` is over; then its containers are ended. */
  async #isOverdue(): Promise<boolean> {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined) return false;
    const leftMs = Date.parse(this.#startTime) + activeDeadlineSeconds * 1000 - this.#node.clock.now();
    if (leftMs > 0) {
      this.#wake.after(leftMs);
      return false;
    }
    const message = 'Pod was active on the node longer than the specified deadline';
    await this.#fail({ reason: 'DeadlineExceeded', message }, { type: 'Normal', graceMs: this.#graceMs() });
    return true;
  }

  async #fail(
    failure: { reason: string; message: string },
    { type, graceMs }: { type: 'Normal' | 'Warning'; graceMs: number },
  ): Promise<void> {
    this.#failure = failure;
    this.#node.events.event(this.#pod, type, failure.reason, failure.message);
    await this.#kill(graceMs);
  }

  /** Ends what runs of these containers, all if none are given. */
  async #kill(graceMs: number, only?: readonly RuntimeStatus[]): Promise<void> {
    const running = [...this.#running()].filter(([, { id }]) => only?.some((one) => one.id === id) ?? true);
    const until = this.#node.clock.now() + graceMs;
    await killPod(this.#node, this.#pod, new Map(running), { podIP: this.#ground.sandbox?.ip ?? '', until });
  }

  /** All has ended by itself: the Pod stays, its network and volumes go. */
  async #finish(): Promise<void> {
    this.#finished = true;
    this.#starts.waiting.clear();
    await this.#look();
    // A status that was final before says more than what is left of the containers.
    const { phase } = this.#pod.status ?? {};
    const known = this.#status === undefined && (phase === 'Succeeded' || phase === 'Failed');
    if (!this.#stopped) await this.#ground.stop(this.#pod);
    this.#stopped = true;
    if (!known) this.#publish();
  }

  /** The Pod is to go: ends what runs, cleans up, and at last tells the API server that it may forget it. */
  async #end(): Promise<void> {
    this.#ending = true;
    const { clock, statuses } = this.#node;
    const pod = this.#pod;
    const { uid } = pod.metadata;
    this.#hasten(pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS);
    await this.#look();
    const until = this.#endBy ?? clock.now();
    let ended = false;
    const killed = killPod(this.#node, pod, this.#running(), { podIP: this.#ground.sandbox?.ip ?? '', until });
    const all = killed.finally(() => {
      ended = true;
      this.#wake.now();
    });
    while (!ended) {
      await this.#wake.next();
      if (this.#closed) return void all.catch(() => {});
      await this.#look();
      this.#publish();
    }
    await all;
    this.#cancelForce();
    this.#starts.waiting.clear();
    await this.#look();
    const last = this.#history;
    await this.#ground.tearDown(pod);
    this.#history = last;
    this.#stopped = true;
    if (!this.#removed) {
      if (!this.#finished) this.#publish();
      await statuses.written(uid);
      await this.#forget();
    }
    statuses.forget(uid);
    rmSync(podFolders.logs(this.#node.config, pod.metadata), { recursive: true, force: true });
    this.close();
  }

  /** Deletes the object, however often it takes. */
  async #forget(): Promise<void> {
    const { namespace, name, uid } = this.#pod.metadata;
    while (!this.#removed && !this.#closed) {
      try {
        const options = { gracePeriodSeconds: 0, preconditions: { uid } };
        await this.#node.client.resource('Pod').delete({ namespace, name }, options);
        return;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) return;
        this.#wake.after(RETRY_MS);
        await this.#wake.next();
      }
    }
  }

  /** A grace period begins, or a shorter one than before. */
  #hasten(seconds: number): void {
    this.#starting.abort();
    const { clock, runtime } = this.#node;
    // Even who asks for none gets a second, as with the kubelet.
    const at = clock.now() + Math.max(seconds, 1) * 1000;
    if (this.#endBy !== undefined && this.#endBy <= at) return;
    const isFirst = this.#endBy === undefined;
    this.#endBy = at;
    this.#cancelForce();
    this.#cancelForce = clock.after(at - clock.now(), () => {
      // Then whoever ends the Pod knows how long it may take; otherwise something ends that began when there was more time.
      if (isFirst && this.#ending) return;
      for (const { id } of this.#running().values()) void runtime.stopContainer(id, { graceMs: 0 }).catch(() => {});
    });
  }

  #graceMs(): number {
    return (this.#pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000;
  }

  #publish(): void {
    const { config, clock, runtime, statuses } = this.#node;
    if (this.#removed) return;
    if (this.#rejection) {
      statuses.set(this.#pod, rejectedStatus(this.#pod, { ...this.#rejection, startTime: this.#startTime }));
      return;
    }
    const history = new Map([...this.#lost, ...this.#history]);
    const waiting = new Map(this.#starts.waiting);
    const ending = this.#endBy !== undefined;
    for (const name of this.#lost.keys())
      if (!this.#history.has(name) && !waiting.has(name) && !this.#finished && !ending)
        waiting.set(name, { reason: 'ContainerCreating' });
    const { conditions = [], ...before } = this.#pod.status ?? {};
    const own = this.#status?.conditions ?? [];
    const others = conditions.filter(({ type }) => !own.some((condition) => condition.type === type));
    const pod = { ...this.#pod, status: { ...before, conditions: [...own, ...others] } };
    const { sandbox } = this.#ground;
    this.#status = podStatus(pod, {
      history,
      waiting,
      isStarted: (name) => this.#probes.isStarted(name),
      isReady: (name) => this.#probes.isReady(name),
      unready: this.#probes.unready,
      runtimeName: runtime.version.split('://')[0] ?? '',
      podIP: sandbox?.ip ?? this.#status?.podIP ?? before.podIP,
      hostIP: config.nodeIP,
      // What runs has one, though an agent that has just started has not seen it yet.
      hasNetwork: sandbox !== undefined || this.#running().size > 0,
      startTime: this.#startTime,
      ending,
      over: this.#stopped,
      failure: this.#failure,
      now: clock.now(),
    });
    statuses.set(this.#pod, this.#status);
  }
}
