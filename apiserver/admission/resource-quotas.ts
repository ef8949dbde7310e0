import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '@skiff/api/kinds';
import type { KubeObject } from '@skiff/api/meta';
import { Quantity } from '@skiff/api/quantity';
import { type Amounts, minus, readAmounts, writeAmounts } from '@skiff/api/quota/amounts';
import { quotaUsage } from '@skiff/api/quota/quota-usage';
import { isInScope } from '@skiff/api/quota/scopes';
import { computeUsage, usageOf } from '@skiff/api/quota/usage';
import { forbidden, isNotFound, notFound } from '@skiff/api/status';
import type { Pod, ResourceQuota } from '@skiff/api/types';
import type { Reservation, WriteContext } from '../registry/strategy.ts';

/** Kinds that can come to take more by a change. */
const growing = new Set(['Service', 'PersistentVolumeClaim']);

/** What a quota has every container say, where it limits it. */
const demanded = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

const quotasOf = (context: WriteContext, { metadata }: KubeObject): readonly ResourceQuota[] =>
  // What was listed are ResourceQuotas.
  context.list('ResourceQuota', metadata.namespace) as readonly unknown[] as readonly ResourceQuota[];

/**
 * Keeps namespaces within their quotas (upstream: the ResourceQuota admission plugin). What is in use is counted in the caches,
 * together with what other writes are about to add.
 */
export class ResourceQuotas {
  /** Objects that are being written, by uid: until the caches show them, nothing else does. */
  readonly #pending = new Map<string, { readonly kind: Kind; readonly object: KubeObject }>();

  /** Throws 403 where a quota does not have what the object takes; else holds it until it is released or stored. */
  reserve(kind: Kind, object: KubeObject, old: KubeObject | undefined, context: WriteContext): Reservation | undefined {
    if (old && !growing.has(kind.kind)) return undefined;
    const quotas = quotasOf(context, object);
    if (!quotas.length) return undefined;
    const usage = usageOf(kind, object);
    const added = old ? minus(usage, usageOf(kind, old)) : usage;
    for (const quota of quotas) {
      if (!isInScope(quota, kind, object)) continue;
      if (!old && kind.kind === 'Pod') this.#checkContainers(quota, object as unknown as Pod, kind);
      this.#check(quota, added, { kind, object, context });
    }
    const { uid = '' } = object.metadata;
    this.#pending.set(uid, { kind, object });
    return { release: () => void this.#pending.delete(uid) };
  }

  #check(
    quota: ResourceQuota,
    added: Amounts,
    { kind, object, context }: { kind: Kind; object: KubeObject; context: WriteContext },
  ): void {
    const hard = readAmounts(quota.spec?.hard);
    const asked = new Map([...added].filter(([name, amount]) => hard.has(name) && amount.compare(Quantity.zero) > 0));
    if (!asked.size) return;
    const used = this.#usage(quota, object, context);
    const exceeded = [...asked.keys()].filter((name) => {
      const total = (used.get(name) ?? Quantity.zero).add(asked.get(name) ?? Quantity.zero);
      return total.compare(hard.get(name) ?? Quantity.zero) > 0;
    });
    if (!exceeded.length) return;
    const list = (amounts: Amounts): string =>
      exceeded
        .sort()
        .map((name) => `${name}=${amounts.get(name) ?? 0}`)
        .join(',');
    const why = `exceeded quota: ${quota.metadata.name}, requested: ${list(asked)}, used: ${list(used)}, limited: ${list(hard)}`;
    throw forbidden(kind, object.metadata.name, why);
  }

  /** What is in use, without the object itself, which an update has there already: that is in what it adds. */
  #usage(quota: ResourceQuota, { metadata }: KubeObject, context: WriteContext): Amounts {
    const { namespace } = metadata;
    return quotaUsage(quota, (kind) => {
      const stored = context.list(kind.kind, namespace);
      const known = new Set(stored.map((one) => one.metadata.uid));
      const pending = [...this.#pending.values()].filter(
        (write) =>
          write.kind.kind === kind.kind &&
          write.object.metadata.namespace === namespace &&
          !known.has(write.object.metadata.uid),
      );
      return [...stored, ...pending.map(({ object }) => object)];
    });
  }

  #checkContainers(quota: ResourceQuota, { metadata, spec }: Pod, kind: Kind): void {
    const wanted = demanded.filter((name) => quota.spec?.hard?.[name] !== undefined);
    const missing = new Map<string, string[]>();
    for (const { name, resources } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]) {
      const said = computeUsage(readAmounts(resources?.requests), readAmounts(resources?.limits));
      for (const resource of wanted) {
        if (!said.has(resource)) missing.set(resource, [...(missing.get(resource) ?? []), name]);
      }
    }
    if (!missing.size || spec?.resources) return;
    const list = [...missing].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, by]) => `${name} for: ${by.join(',')}`);
    throw forbidden(kind, metadata.name, `failed quota: ${quota.metadata.name}: must specify ${list.join('; ')}`);
  }

  /** Shows in the quotas what a write has taken or given back, before its answer goes out. */
  async settle(kind: Kind, written: { object?: KubeObject; old?: KubeObject }, context: WriteContext): Promise<void> {
    const object = written.object ?? written.old;
    if (!object) return;
    this.#pending.delete(object.metadata.uid ?? '');
    if (written.object && written.old && !growing.has(kind.kind)) return;
    for (const quota of quotasOf(context, object)) {
      const touched = [...usageOf(kind, object).keys()].some((name) => quota.spec?.hard?.[name] !== undefined);
      // A quota that its controller has not seen yet is shown as a whole by that.
      if (touched && quota.status?.hard && isInScope(quota, kind, object)) await this.#show(quota, object, context);
    }
  }

  async #show(quota: ResourceQuota, object: KubeObject, context: WriteContext): Promise<void> {
    const own = { ...context, subresource: 'status', manager: 'kube-apiserver', dryRun: false };
    try {
      await context.other('ResourceQuota').update(
        quota.metadata,
        (current) => {
          if (!current) throw notFound({ group: '', plural: 'resourcequotas' }, quota.metadata.name);
          const now = current as unknown as ResourceQuota; // of its registry
          const used = { ...now.status?.used, ...writeAmounts(this.#usage(now, object, context)) };
          if (isDeepStrictEqual(used, now.status?.used)) return now as unknown as KubeObject;
          return { ...now, status: { ...now.status, used } } as unknown as KubeObject;
        },
        own,
      );
    } catch (error) {
      // It went while its use was counted.
      if (!isNotFound(error)) throw error;
    }
  }
}
