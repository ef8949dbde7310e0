import { jsonEqual } from '@skiff/api/json-value';
import type { ObjectKey } from '@skiff/api/meta';
import type { ClusterRole } from '@skiff/api/types';
import type { Change, Informer } from '@skiff/client/informer';
import { ReconcileLoop, type Reconciler } from '@skiff/client/reconciler';
import type { ResourceClient } from '@skiff/client/resource';
import type { Controller, ControllerContext } from '../controller.ts';
import { aggregatedRules } from './rules.ts';

/**
 * Keeps the rules of ClusterRoles that have an `aggregationRule` those of all roles that it selects, as `admin`, `edit` and `view` are
 * made of others: so a role for a custom resource can become part of them (upstream: pkg/controller/clusterroleaggregation).
 */
export class ClusterRoleAggregationController implements Controller, Reconciler {
  readonly name = 'clusterrole-aggregation-controller';
  readonly #roles: Informer<ClusterRole>;
  readonly #client: ResourceClient<ClusterRole>;
  readonly #loop: ReconcileLoop;
  /** The names of the roles that put others together. */
  readonly #aggregated = new Set<string>();
  #unsubscribe: (() => void)[] = [];

  constructor(context: ControllerContext) {
    this.#roles = context.informers.for('ClusterRole');
    this.#client = context.client.resource('ClusterRole');
    this.#loop = new ReconcileLoop({
      name: this.name,
      reconciler: this,
      workers: 1,
      logger: context.logger,
      clock: context.clock,
    });
  }

  start({ signal }: { signal: AbortSignal }): void {
    this.#unsubscribe = [this.#roles.onChange((change) => this.#changed(change))];
    this.#loop.start({ signal });
  }

  async close(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#loop.close();
  }

  #changed({ type, object }: Change<ClusterRole>): void {
    const { name } = object.metadata;
    if (type !== 'deleted' && object.aggregationRule) this.#aggregated.add(name);
    else this.#aggregated.delete(name);
    // A role may have begun or ceased to be part of any other.
    for (const other of this.#aggregated) this.#loop.enqueue({ name: other });
  }

  async reconcile({ name }: ObjectKey): Promise<void> {
    const role = this.#roles.get({ name });
    if (!role?.aggregationRule) return;
    const rules = aggregatedRules(role, this.#roles.list());
    if (jsonEqual(rules, role.rules ?? [])) return;
    const { apiVersion, kind } = role;
    const config = { apiVersion, kind, metadata: { name }, rules };
    await this.#client.patch({ name }, config, { type: 'apply', fieldManager: this.name, force: true });
  }
}
