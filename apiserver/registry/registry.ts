import { randomUUID } from 'node:crypto';
import { cloneJson } from '@skiff/api/json-value';
import type { Kind } from '@skiff/api/kinds';
import { formatKey, type KubeObject, type ObjectKey } from '@skiff/api/meta';
import {
  alreadyExists,
  conflict,
  forbidden,
  invalid,
  notFound,
  type StatusCause,
  StatusError,
} from '@skiff/api/status';
import { FieldManager } from '../managed-fields/field-manager.ts';
import { resetFields } from '../managed-fields/reset-fields.ts';
import { onlyTimesDiffer } from '../managed-fields/times.ts';
import { type Encoded, KeyExists, type Revision, RevisionConflict, type Store } from '../storage/store.ts';
import type { Cached } from '../watch/cached.ts';
import { type Caches, keyAt } from '../watch/caches.ts';
import type { ObjectCache } from '../watch/object-cache.ts';
import { askedVersion } from './asked-version.ts';
import type { DeleteOptions } from './delete-options.ts';
import { isFinished, planDeletion, timestamp } from './deletion.ts';
import { type Codec, plainCodec } from './encoding.ts';
import { generatedName } from './generated-name.ts';
import { checkUpdatedMetadata, validateMetadata } from './metadata.ts';
import { checkNamespace } from './namespace-lifecycle.ts';
import { dropRepeatedOwners } from './repeated-owners.ts';
import type { Form } from './shape.ts';
import type { Reservation, Strategy, WriteContext } from './strategy.ts';

/** A generated name that is taken is tried again this often. */
const nameAttempts = 8;
/** A write that keeps losing races against others gives up with a Conflict after so many. */
const raceAttempts = 50;

/** Larger objects are not stored: etcd's limit of a request. */
const maxObjectBytes = 1.5 * 1024 * 1024;

/** What became of a write. */
export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

export interface Removed {
  readonly object: KubeObject;
  /** False while finalizers or a grace period keep it. */
  readonly gone: boolean;
}

export interface RegistryOptions {
  readonly kind: Kind;
  readonly strategy: Strategy;
  readonly form: Form;
  readonly store: Store;
  readonly caches: Caches;
  /** For kinds that are not stored as they are served. */
  readonly codec?: Codec;
  /** For kinds that are not served for ever. */
  readonly ended?: AbortSignal;
}

/**
 * One kind's door to the truth: every write of it passes through here, in the order that {@link Strategy} documents.
 * Writes race optimistically: each is worked out on the newest state, and again when another one was first.
 */
export class Registry {
  readonly kind: Kind;
  readonly strategy: Strategy;
  readonly form: Form;
  readonly cache: ObjectCache;
  readonly #store: Store;
  readonly #codec: Codec;
  /** The kind that is stored, of which keys and failures speak. */
  readonly #stored: Kind;
  readonly fieldManager: FieldManager;
  /** Aborts when the kind is served no longer, or in another way: its watches end. Absent where it is served for ever. */
  readonly ended: AbortSignal | undefined;

  constructor(options: RegistryOptions) {
    const { kind, caches, codec = plainCodec(kind) } = options;
    this.ended = options.ended;
    this.kind = kind;
    this.strategy = options.strategy;
    this.form = options.form;
    this.cache = codec.view(caches.of(codec.storedAs));
    this.#store = options.store;
    this.#codec = codec;
    this.#stored = codec.storedAs;
    const { form } = this;
    this.fieldManager = new FieldManager({
      kind,
      typeIn: (apiVersion) => form.mergeTypeIn(apiVersion),
      ignored: resetFields(kind, { custom: form.custom !== undefined }),
      empty: () => {
        const object = {};
        form.shape.normalize(object);
        return object;
      },
    });
  }

  /** The object as it is now. Throws NotFound. */
  get(key: ObjectKey): Cached {
    const found = this.cache.get(key.namespace, key.name);
    if (!found) throw notFound(this.#stored, key.name);
    return found;
  }

  /** Stores a new object, which becomes this method's own. `namespace` is that of the request. */
  async create(object: KubeObject, context: WriteContext): Promise<KubeObject> {
    const { metadata } = object;
    // Upstream passes over what is no version.
    if (/^0*[1-9]\d*$/.test(metadata.resourceVersion ?? '')) {
      throw new StatusError({ code: 500, message: 'resourceVersion should not be set on objects to be created' });
    }
    if (this.kind.namespaced) checkNamespace(this.#stored, metadata, context);
    const generate = !metadata.name && metadata.generateName ? metadata.generateName : undefined;
    for (let attempt = 1; ; attempt++) {
      // Another attempt is to begin with what was given.
      const candidate = generate ? cloneJson(object) : object;
      try {
        return await this.#createOnce(candidate, generate, context);
      } catch (error) {
        if (!(error instanceof KeyExists)) throw error;
        if (!generate || attempt === nameAttempts) throw alreadyExists(this.#stored, candidate.metadata.name);
      }
    }
  }

  /**
   * Changes an object: `change` gets the current state (a copy of its own, or undefined where there is none) and returns
   * the wanted one; it may run again. One that is not there is made only of kinds whose PUT creates, or with `create`. An object that is ending and has nothing left to wait for goes with its update.
   */
  async update(
    key: ObjectKey,
    change: (current: KubeObject | undefined) => KubeObject | Promise<KubeObject>,
    context: WriteContext,
    { create = false }: { create?: boolean } = {},
  ): Promise<Written> {
    return this.#racing(key, async (current) => {
      const wanted = await change(current && cloneJson(current.object));
      if (!current) {
        const creates = create || this.strategy.updateCreates;
        if (!creates || context.subresource !== '') throw notFound(this.#stored, key.name);
        delete wanted.metadata.resourceVersion;
        delete (wanted.metadata as { uid?: string }).uid;
        return { object: await this.create(wanted, context), created: true };
      }
      return { object: await this.#replace(current, wanted, context), created: false };
    });
  }

  /** Deletes an object, or begins to. Preconditions that fail are a Conflict. */
  async delete(key: ObjectKey, options: DeleteOptions, context: WriteContext): Promise<Removed> {
    let marked: KubeObject | undefined;
    return this.#racing(key, async (current) => {
      // Who saw it marked may have removed it already, as node agents do with Pods: that is what was asked for.
      if (marked && current?.object.metadata.uid !== marked.metadata.uid) return { object: marked, gone: true };
      if (!current) throw notFound(this.#stored, key.name);
      const refused = this.strategy.refuseDelete?.(current.object);
      if (refused) throw forbidden(this.#stored, key.name, refused);
      this.#checkPreconditions(current.object, options);
      for (const warning of this.strategy.deleteWarnings?.(options) ?? []) context.warn(warning);
      const plan = planDeletion(cloneJson(current.object), options, {
        strategy: this.strategy,
        now: context.now,
      });
      if (plan.does === 'nothing') return { object: current.object, gone: false };
      if (plan.does === 'mark') {
        this.strategy.prepareForDelete?.(plan.object, context.now);
        return { object: await this.#save(current, plan.object, context), gone: false };
      }
      if (context.dryRun) return { object: plan.object, gone: true };
      if (plan.marked) marked = await this.#save(current, plan.object, context);
      const revision = plan.marked ? Number(marked?.metadata.resourceVersion) : current.revision;
      return { object: await this.#remove(revision, plan.object, context), gone: true };
    });
  }

  #current(key: ObjectKey): Cached | undefined {
    return this.cache.get(key.namespace, key.name);
  }

  /** Runs a write on the newest state until no other one comes between. */
  async #racing<T>(key: ObjectKey, write: (current: Cached | undefined) => Promise<T>): Promise<T> {
    let current = this.#current(key);
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(current);
      } catch (error) {
        const lost = error instanceof RevisionConflict || error instanceof KeyExists;
        if (!lost) throw error;
        if (attempt === raceAttempts) throw this.#modified(key.name);
        current = error.current && this.#codec.decode(error.current);
      }
    }
  }

  async #createOnce(object: KubeObject, generate: string | undefined, context: WriteContext): Promise<KubeObject> {
    const { strategy } = this;
    const { metadata } = object;
    metadata.uid = randomUUID();
    metadata.creationTimestamp = timestamp(context.now);
    delete metadata.deletionTimestamp;
    delete metadata.deletionGracePeriodSeconds;
    delete metadata.selfLink;
    this.#complete(object, undefined, context);
    // Defaults that follow from a name are those of given names.
    if (generate) metadata.name = generatedName(generate);
    strategy.prepareForCreate?.(object, context);
    const reserved = strategy.reserve?.(object, undefined, context);
    let bounded: Reservation | undefined;
    const release = (): void => {
      reserved?.release();
      bounded?.release();
    };
    try {
      this.#check(object, undefined, context);
      bounded = strategy.bound?.(object, undefined, context);
      this.form.shape.normalize(object);
      if (context.dryRun) {
        release();
        if (this.#current(metadata)) throw alreadyExists(this.#stored, metadata.name);
        return object;
      }
      const entry = await this.#store.create(keyAt(this.#stored, metadata), this.#encode(object));
      await this.cache.reached(entry.revision);
      metadata.resourceVersion = String(entry.revision);
      await strategy.afterWrite?.({ object }, context);
      return object;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Defaults, owners of fields, admission. On an update, the object is then in the form of what is stored, so that the two can be compared. */
  #complete(object: KubeObject, old: KubeObject | undefined, context: WriteContext): void {
    const { strategy } = this;
    const { shape } = this.form;
    const fill = (): void => {
      strategy.default?.(object, old);
      if (old) shape.normalize(object);
    };
    for (const warning of dropRepeatedOwners(object, 'patched')) context.warn(warning);
    const given = object.metadata.managedFields;
    fill();
    const { manager, subresource, now } = context;
    if (manager !== undefined) {
      // What is not there at all, validation is to see that way.
      const wanted = old ? object : cloneJson(object);
      if (!old) shape.normalize(wanted);
      const entries = this.fieldManager.entriesAfter(old, wanted, { manager, subresource, now, given });
      if (entries) object.metadata.managedFields = entries;
      else delete object.metadata.managedFields;
    }
    if (!strategy.admit) return;
    strategy.admit(object, old, context);
    fill();
  }

  async #replace(current: Cached, object: KubeObject, context: WriteContext): Promise<KubeObject> {
    const { strategy } = this;
    const old = current.object;
    const { metadata } = object;
    const asked = askedVersion(object);
    if (asked !== undefined && asked !== String(current.revision)) {
      throw this.#modified(old.metadata.name);
    }
    if (metadata.uid && metadata.uid !== old.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`;
      throw conflict(this.#stored, old.metadata.name, why);
    }
    this.#complete(object, old, context);
    checkUpdatedMetadata(object, old);
    strategy.prepareForUpdate?.(object, old, context);
    const reserved = strategy.reserve?.(object, old, context);
    let bounded: Reservation | undefined;
    const release = (): void => {
      reserved?.release();
      bounded?.release();
    };
    try {
      this.#check(object, old, context);
      bounded = strategy.bound?.(object, old, context);
      if (isFinished(object, strategy))
        return context.dryRun ? object : await this.#remove(current.revision, object, context);
      const saved = await this.#save(current, object, context);
      if (context.dryRun) release();
      return saved;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Throws 422 where rules are broken; else warns of what is likely not meant so. */
  #check(object: KubeObject, old: KubeObject | undefined, context: WriteContext): void {
    const { strategy } = this;
    const causes = [...validateMetadata(this.kind, object, old, strategy), ...this.#faults(object, old, context)];
    // An object may come without a name.
    if (causes.length) throw invalid(this.#stored, (old ?? object).metadata.name ?? '', causes);
    for (const warning of strategy.warnings?.(object, old, context) ?? []) context.warn(warning);
  }

  #faults(object: KubeObject, old: KubeObject | undefined, context: WriteContext): StatusCause[] {
    const { strategy } = this;
    if (strategy.validateChange) return strategy.validateChange(object, old, context);
    const causes = strategy.validate?.(object, context) ?? [];
    const more = old ? strategy.validateUpdate?.(object, old, context) : strategy.validateCreate?.(object, context);
    return [...causes, ...(more ?? [])];
  }

  /** Writes a state, unless it is what is there already: then nothing is written and the version stays. */
  async #save(current: Cached, object: KubeObject, context: WriteContext): Promise<KubeObject> {
    const { metadata } = object;
    this.form.shape.normalize(object);
    metadata.resourceVersion = String(current.revision);
    const entries = metadata.managedFields;
    const before = current.object.metadata.managedFields;
    // The time of an owner alone is no change.
    if (entries && before && onlyTimesDiffer(entries, before)) metadata.managedFields = before;
    if (this.#codec.isStored(object, current)) return object;
    if (entries) metadata.managedFields = entries;
    if (context.dryRun) return object;
    const key = keyAt(this.#stored, metadata);
    const entry = await this.#store.update(key, current.revision, this.#encode(object));
    await this.cache.reached(entry.revision);
    metadata.resourceVersion = String(entry.revision);
    await this.strategy.afterWrite?.({ object, old: current.object }, context);
    return object;
  }

  /** An object as it is stored. Throws where it is too large: what is stored is read and sent as a whole. */
  #encode(object: KubeObject): Encoded {
    const encoded = this.#codec.encode(object);
    // As etcd's answer comes through kube-apiserver: without a reason.
    const tooLarge = () => new StatusError({ code: 500, message: 'etcdserver: request is too large' });
    if (Buffer.byteLength(encoded) > maxObjectBytes) throw tooLarge();
    return encoded;
  }

  async #remove(revision: Revision, object: KubeObject, context: WriteContext): Promise<KubeObject> {
    const entry = await this.#store.delete(keyAt(this.#stored, object.metadata), revision, this.#codec.encode(object));
    await this.cache.reached(entry.revision);
    object.metadata.resourceVersion = String(entry.revision);
    await this.strategy.afterWrite?.({ old: object }, context);
    return object;
  }

  #modified(name: string): StatusError {
    const why = 'the object has been modified; please apply your changes to the latest version and try again';
    return conflict(this.#stored, name, why);
  }

  #checkPreconditions(object: KubeObject, { preconditions }: DeleteOptions): void {
    const failed = (field: string, asked: string, is: string | undefined): StatusError => {
      const why = `Precondition failed: ${field} in precondition: ${asked}, ${field} in object meta: ${is}`;
      // Upstream names the kind here, where other conflicts name the resource; what deletes in its own way names that here too.
      const plural = this.strategy.deletesInItsOwnWay ? this.kind.plural : this.kind.kind;
      return conflict({ group: this.kind.group, plural }, object.metadata.name, why);
    };
    const { uid, resourceVersion } = object.metadata;
    if (preconditions?.uid && preconditions.uid !== uid) throw failed('UID', preconditions.uid, uid);
    const version = preconditions?.resourceVersion;
    if (version && version !== resourceVersion) throw failed('ResourceVersion', version, resourceVersion);
  }

  /** For logs. */
  toString(): string {
    return `${this.kind.plural} ${formatKey({ name: this.kind.group || 'core' })}`;
  }
}
