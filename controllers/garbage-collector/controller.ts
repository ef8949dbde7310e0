import { keyOf, type ObjectKey } from '@skiff/api/meta';
import { isConflict, isNotFound } from '@skiff/api/status';
import type { Client } from '@skiff/client/client';
import type { EventRecorder } from '@skiff/client/events';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { Identified, ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import type { OwnerReference } from '../ownership.ts';
import { FollowedKinds } from './followed-kinds.ts';
import { OwnerGraph, uidOf } from './graph.ts';

const foreground = 'foregroundDeletion';
const orphan = 'orphan';

/** How many objects are remembered that are gone: their dependents come soon if they come at all. */
const maxAbsent = 500;

type Standing = 'solid' | 'dangling' | 'waiting';

/**
 * Deletes what has no owner left, and carries out how an owner wanted its dependents treated: in the foreground it waits for those
 * that block its deletion, as an orphaner it lets them go ("Garbage Collection", Kubernetes documentation). Its queue holds uids.
 */
export class GarbageCollector implements Controller, Reconciler {
  readonly name = 'garbage-collector-controller';
  readonly #client: Client;
  readonly #graph = new OwnerGraph();
  readonly #loop: ReconcileLoop;
  readonly #kinds: FollowedKinds;
  readonly #events: EventRecorder;
  /** The uids of objects that were seen to go. */
  readonly #absent = new Set<string>();

  constructor(context: ControllerContext) {
    this.#client = context.client;
    this.#events = context.recorder(this.name);
    this.#kinds = new FollowedKinds(context, (type, object) => this.#changed(type, object));
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 8,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#kinds.start({ signal });
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    await this.#kinds.close();
    await this.#loop.close();
  }

  #changed(type: 'added' | 'updated' | 'deleted', object: Identified): void {
    const dependents = this.#graph.dependentsOf(uidOf(object));
    if (type === 'deleted') {
      this.#graph.remove(object);
      this.#remember(uidOf(object));
      for (const dependent of dependents) this.#enqueue(dependent);
      // An owner may have waited for this one.
      for (const owner of object.metadata.ownerReferences ?? []) this.#loop.enqueue({ name: owner.uid });
      return;
    }
    const blocked = ownersBlockedBy(this.#graph.get(uidOf(object)));
    this.#graph.put(object);
    const blocks = new Set(ownersBlockedBy(object));
    // An owner that waited for this one may not have to any more.
    for (const owner of blocked) if (!blocks.has(owner)) this.#loop.enqueue({ name: owner });
    if (object.metadata.ownerReferences?.length || object.metadata.deletionTimestamp) this.#enqueue(object);
    if (object.metadata.deletionTimestamp) for (const dependent of dependents) this.#enqueue(dependent);
  }

  #remember(uid: string): void {
    this.#absent.add(uid);
    const [oldest] = this.#absent;
    if (this.#absent.size > maxAbsent && oldest !== undefined) this.#absent.delete(oldest);
  }

  #enqueue(object: Identified): void {
    this.#loop.enqueue({ name: uidOf(object) });
  }

  async reconcile({ name: uid }: ObjectKey): Promise<void> {
    const object = this.#graph.get(uid);
    if (!object) return;
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    try {
      if (deletionTimestamp && finalizers.includes(orphan)) await this.#orphanDependents(object);
      else if (deletionTimestamp && finalizers.includes(foreground)) await this.#deleteDependents(object);
      else if (!deletionTimestamp) await this.#judge(object);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
      // It changed under our hands: its next event brings it back.
    }
  }

  async #orphanDependents(owner: Identified): Promise<void> {
    const uid = uidOf(owner);
    for (const dependent of this.#graph.dependentsOf(uid)) await this.#dropOwners(dependent, new Set([uid]));
    await this.#dropFinalizer(owner, orphan);
  }

  async #deleteDependents(owner: Identified): Promise<void> {
    const uid = uidOf(owner);
    const dependents = this.#graph.dependentsOf(uid);
    const blocking = dependents.filter((dependent) =>
      dependent.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion),
    );
    for (const dependent of dependents) if (!dependent.metadata.deletionTimestamp) this.#enqueue(dependent);
    if (blocking.length === 0) await this.#dropFinalizer(owner, foreground);
  }

  /** Deletes an object none of whose owners is left or stays. */
  async #judge(object: Identified): Promise<void> {
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const isNamespaced = (reference: OwnerReference) => this.#kinds.kindOf(reference)?.namespaced ?? false;
    // In which namespace would its owner be? Upstream leaves it alone.
    if (!object.metadata.namespace && references.some(isNamespaced)) {
      for (const reference of references) if (isNamespaced(reference)) this.#tellMisplaced(object, reference);
      return;
    }
    const standings = await Promise.all(references.map((reference) => this.#standing(object, reference)));
    if (standings.includes('solid')) {
      const gone = references.filter((_, position) => standings[position] !== 'solid').map(({ uid }) => uid);
      if (gone.length > 0) await this.#dropOwners(object, new Set(gone));
      return;
    }
    const uid = uidOf(object);
    const finalizers = object.metadata.finalizers ?? [];
    const inForeground = standings.includes('waiting') && this.#graph.dependentsOf(uid).length > 0;
    const propagationPolicy = finalizers.includes(orphan) ? 'Orphan' : inForeground ? 'Foreground' : 'Background';
    await this.#resource(object)?.delete(keyOf(object), { propagationPolicy, preconditions: { uid } });
  }

  async #standing(object: Identified, reference: OwnerReference): Promise<Standing> {
    const owner = this.#graph.get(reference.uid);
    if (owner && refersTo(reference, owner)) {
      const { namespace, deletionTimestamp, finalizers } = owner.metadata;
      if (namespace && namespace !== object.metadata.namespace) {
        this.#tellMisplaced(object, reference);
        return 'dangling';
      }
      return deletionTimestamp && finalizers?.includes(foreground) ? 'waiting' : 'solid';
    }
    if (!owner && this.#absent.has(reference.uid)) return 'dangling';
    return (await this.#exists(object, reference)) ? 'solid' : 'dangling';
  }

  #tellMisplaced(object: Identified, { apiVersion, kind, name, uid }: OwnerReference): void {
    const { namespace = '' } = object.metadata;
    const owner = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    const text = `ownerRef ${owner} does not exist in namespace "${namespace}"`;
    this.#events.event(object, 'Warning', 'OwnerRefInvalidNamespace', text);
  }

  /** Asks the truth, as the owner may only be late in our copy. An owner of a kind that is not served is left alone. */
  async #exists(object: Identified, reference: OwnerReference): Promise<boolean> {
    const kind = this.#kinds.kindOf(reference);
    const resource = this.#resource(reference);
    if (!kind || !resource) return true;
    const namespace = kind.namespaced ? object.metadata.namespace : undefined;
    try {
      const found = await resource.get({ namespace, name: reference.name });
      return found.metadata.uid === reference.uid;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #dropOwners(object: Identified, uids: ReadonlySet<string>): Promise<void> {
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    const kept = ownerReferences.filter(({ uid }) => !uids.has(uid));
    await this.#patch(object, { resourceVersion, ownerReferences: kept.length > 0 ? kept : null });
  }

  async #dropFinalizer(object: Identified, finalizer: string): Promise<void> {
    const { resourceVersion, finalizers = [] } = object.metadata;
    await this.#patch(object, { resourceVersion, finalizers: finalizers.filter((one) => one !== finalizer) });
  }

  async #patch(object: Identified, metadata: object): Promise<void> {
    await this.#resource(object)?.patch(keyOf(object), { metadata });
  }

  /** Undefined where the kind is not served, or not any more. */
  #resource(object: { apiVersion: string; kind: string }): ResourceClient<Identified> | undefined {
    const kind = this.#kinds.kindOf(object);
    return kind && this.#client.metadata(kind);
  }
}

/** Whether a reference names its owner as it is: a uid alone could be anybody's. */
function refersTo({ apiVersion, kind, name }: OwnerReference, owner: Identified): boolean {
  return apiVersion === owner.apiVersion && kind === owner.kind && name === owner.metadata.name;
}

/** The uids of owners that cannot go in the foreground before this object. */
function ownersBlockedBy(object: Identified | undefined): string[] {
  const references = object?.metadata.ownerReferences ?? [];
  return references.filter(({ blockOwnerDeletion }) => blockOwnerDeletion).map(({ uid }) => uid);
}
