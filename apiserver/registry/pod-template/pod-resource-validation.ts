import { forbiddenField, invalidValue } from '@skiff/api/causes';
import { Quantity } from '@skiff/api/quantity';
import type { StatusCause } from '@skiff/api/status';
import type { PodSpec } from './defaults.ts';
import { validatePodResourceName, validateRequirements } from './resource-validation.ts';

type Amounts = Map<string, Quantity>;

const larger = (into: Amounts, from: Amounts): void => {
  for (const [name, amount] of from) {
    const present = into.get(name);
    if (!present || present.compare(amount) < 0) into.set(name, amount);
  }
};
const add = (into: Amounts, from: Amounts): void => {
  for (const [name, amount] of from) into.set(name, into.get(name)?.add(amount) ?? amount);
};
const amountsOf = (texts: Readonly<Record<string, string>> | undefined): Amounts =>
  new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, Quantity.parse(text)]));

/** What the containers of a Pod need together: initial ones run before the others, those that stay beside them. */
export function aggregate(spec: PodSpec, list: 'requests' | 'limits'): Amounts {
  const total: Amounts = new Map();
  for (const { resources } of spec.containers ?? []) add(total, amountsOf(resources?.[list]));
  const staying: Amounts = new Map();
  const initial: Amounts = new Map();
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const needs = amountsOf(resources?.[list]);
    if (restartPolicy === 'Always') {
      add(total, needs);
      add(staying, needs);
      larger(initial, staying);
    } else {
      add(needs, staying);
      larger(initial, needs);
    }
  }
  larger(total, initial);
  return total;
}

/** The rules of the resources of a Pod as a whole (upstream: validatePodResources). */
export function validatePodResources(spec: PodSpec, field: string, claims: ReadonlySet<string>): StatusCause[] {
  const { resources } = spec;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbiddenField(field, 'may not be set for a windows pod')];
  const causes: StatusCause[] = [];
  if (resources.claims) {
    causes.push(forbiddenField(`${field}.claims`, 'claims may not be set for Resources at pod-level'));
  }
  causes.push(...validateRequirements(resources, field, { claims, nameRule: validatePodResourceName }));
  for (const list of ['requests', 'limits'] as const) {
    for (const [name, needed] of aggregate(spec, list)) {
      const given = resources[list]?.[name];
      if (given === undefined || (list === 'limits' && !name.startsWith('hugepages-'))) continue;
      if (needed.compare(Quantity.parse(given)) <= 0) continue;
      const rule = `must be greater than or equal to aggregate container ${list} of ${needed}`;
      causes.push(invalidValue(`${field}.${list}[${name}]`, given, rule));
    }
  }
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const given = resources.limits?.[name];
      if (given === undefined || Quantity.parse(limit).compare(Quantity.parse(given)) <= 0) continue;
      const rule = `must be less than or equal to pod limits of ${given}`;
      causes.push(invalidValue(`${field}.containers[${index}][${name}].limits`, limit, rule));
    }
  }
  return causes;
}
