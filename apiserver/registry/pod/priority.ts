import { kindNamed } from '@skiff/api/kinds';
import { forbidden, type StatusError } from '@skiff/api/status';
import type { Pod, PriorityClass } from '@skiff/api/types';
import { askedName } from '../asked-name.ts';
import type { PodSpec } from '../pod-template/defaults.ts';
import type { WriteContext } from '../strategy.ts';

/**
 * Gives a new Pod the priority of its class (upstream: the Priority admission plugin); a change keeps the priority that it has.
 * Mutates. Throws 403 where there is no such class or where the Pod brings a priority of its own.
 */
export function admitPriority(pod: Pod & { spec: PodSpec }, old: Pod | undefined, context: WriteContext): void {
  const { spec } = pod;
  if (old) {
    spec.priority ??= old.spec?.priority ?? 0;
    spec.preemptionPolicy ??= old.spec?.preemptionPolicy ?? 'PreemptLowerPriority';
    return;
  }
  const refuse = (why: string): StatusError => forbidden(kindNamed('Pod'), askedName(pod.metadata), why);
  const chosen = classOf(spec.priorityClassName, context);
  if (spec.priorityClassName && !chosen) {
    throw refuse(`no PriorityClass with name ${spec.priorityClassName} was found`);
  }
  if (chosen) spec.priorityClassName = chosen.metadata.name;
  const priority = chosen?.value ?? 0;
  const preemptionPolicy = chosen?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw refuse(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  spec.priority = priority;
  spec.preemptionPolicy = preemptionPolicy;
}

/** The class of this name, or the default one where none is named: of several the one of the lowest priority. */
function classOf(name: string | undefined, context: WriteContext): PriorityClass | undefined {
  // What is read and listed are PriorityClasses.
  if (name) return context.read('PriorityClass', undefined, name) as unknown as PriorityClass | undefined;
  const classes = context.list('PriorityClass') as readonly unknown[] as readonly PriorityClass[];
  const defaults = classes.filter(({ globalDefault }) => globalDefault);
  return [...defaults].sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
