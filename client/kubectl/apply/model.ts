import { kindAt } from '@skiff/api/kinds';
import { type Schema, schemaFor } from '@skiff/api/schema/schema';
import type { ApiResource } from '../../resource.ts';

/** The schema of a resource that is Kubernetes' own; undefined for custom resources and kinds that the kinds table lacks. */
export function schemaOf({ group, version, plural }: ApiResource): Schema | undefined {
  const kind = kindAt(group, version, plural);
  return kind && schemaFor(kind.model);
}
