import { apiVersionOf } from '@skiff/api/kinds';
import { type GroupVersion, groupVersions } from '../discovery/resources.ts';
import { version } from '../version.ts';
import { modelsOf, pathsOf } from './paths.ts';
import { type Dialect, schemasOf } from './schemas.ts';

type Json = Record<string, unknown>;

const info = { title: 'Kubernetes', version: version.gitVersion };

/** What a patch is depends on its media type. */
const patchName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const patchSchema = {
  description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  type: 'object',
};

/** Where a group version's document is: `api/v1`, `apis/apps/v1`. */
export const documentPath = (groupVersion: GroupVersion): string =>
  `${groupVersion.group ? 'apis' : 'api'}/${apiVersionOf(groupVersion)}`;

/** The group versions that have objects. */
export const documented = (): GroupVersion[] => groupVersions().filter(({ kinds }) => kinds.length > 0);

function parts(groups: readonly GroupVersion[], dialect: Dialect): { paths: Json; schemas: Json } {
  const kinds = groups.flatMap((group) => group.kinds);
  const paths = Object.assign({}, ...kinds.map((kind) => pathsOf(kind, dialect)));
  const schemas = { ...schemasOf(new Set(kinds.flatMap(modelsOf)), dialect), [patchName]: patchSchema };
  return { paths, schemas };
}

/** The OpenAPI 3.0 document of one group version. */
export function documentV3(groupVersion: GroupVersion): object {
  const { paths, schemas } = parts([groupVersion], 'v3');
  return { openapi: '3.0.0', info, paths, components: { schemas } };
}

/** The OpenAPI 2.0 document of everything. */
export function documentV2(): object {
  const { paths, schemas } = parts(documented(), 'v2');
  return { swagger: '2.0', info, paths, definitions: schemas };
}
