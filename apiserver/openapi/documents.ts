import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import { type GroupVersion, groupVersions, type VirtualResource } from '../discovery/resources.ts';
import type { Resources } from '../registry/resources.ts';
import { version } from '../version.ts';
import { modelsOf, pathsOf, resourcesPath } from './paths.ts';
import { rootDocument } from './root-documents.ts';
import { type Dialect, schemasOf } from './schemas.ts';

type Json = Record<string, unknown>;

const info = { title: 'Kubernetes', version: version.gitVersion };

/** How clients may say who they are, beside by certificates. */
const securitySchemes = {
  BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
};

/** What a patch is depends on its media type. */
const patchName = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const patchSchema = {
  description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
  type: 'object',
};

/** Where a group version's document is: `api/v1`, `apis/apps/v1`. */
export const documentPath = (groupVersion: { group: string; version: string }): string =>
  `${groupVersion.group ? 'apis' : 'api'}/${apiVersionOf(groupVersion)}`;

/** What the documents are about. */
export type Served = Pick<Resources, 'kinds' | 'at'>;

/** The group versions that are documented: all of them. */
export const documented = ({ kinds }: Served): GroupVersion[] => groupVersions(kinds);

/** What is only ever created has no more than that. */
const asKind = (virtual: VirtualResource): Kind => ({
  ...virtual,
  singular: virtual.kind.toLowerCase(),
  shortNames: [],
  categories: [],
  verbs: ['create'],
  subresources: [],
});

function parts(groups: readonly GroupVersion[], resources: Served, dialect: Dialect): { paths: Json; schemas: Json } {
  const kinds = groups.flatMap((group) => group.kinds);
  const served = new Map(kinds.map((kind) => [kind, resources.at(kind)]));
  const isCustom = (kind: Kind): boolean => served.get(kind)?.form.custom !== undefined;
  const own = kinds.map((kind) => served.get(kind)?.form.custom?.openApi(dialect) ?? {});
  const builtIn = groups.filter((group) => !group.kinds.some(isCustom));
  const paths = Object.assign(
    {},
    ...builtIn.map((group) => resourcesPath(group, dialect)),
    ...kinds.map((kind) => {
      const returnsDeleted = served.get(kind)?.strategy.deleteReturnsObject ?? false;
      return pathsOf(kind, { dialect, custom: isCustom(kind), returnsDeleted });
    }),
  );
  const virtual = groups.flatMap((group) => group.virtual).map(asKind);
  for (const kind of virtual) Object.assign(paths, pathsOf(kind, { dialect, custom: false, returnsDeleted: false }));
  const models = [
    ...(builtIn.length ? ['V1APIResourceList'] : []),
    ...virtual.map(({ model }) => model),
    ...kinds.flatMap((kind) => modelsOf(kind, { custom: isCustom(kind) })),
  ];
  const patched = kinds.some(({ verbs }) => verbs.includes('patch')) ? { [patchName]: patchSchema } : {};
  const schemas = Object.assign({}, ...own, schemasOf(new Set(models), dialect), patched);
  return { paths, schemas };
}

/** What the documents of group versions are called that CustomResourceDefinitions define. */
const customInfo = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };

/** Whether a group version is one that CustomResourceDefinitions define. */
export const isDefined = ({ kinds }: GroupVersion, resources: Served): boolean =>
  kinds.some((kind) => resources.at(kind)?.form.custom !== undefined);

/** The OpenAPI 3.0 document of one group version. */
export function documentV3(groupVersion: GroupVersion, resources: Served): object {
  const { paths, schemas } = parts([groupVersion], resources, 'v3');
  if (isDefined(groupVersion, resources)) {
    return { openapi: '3.0.0', info: customInfo, paths, components: { schemas } };
  }
  return { openapi: '3.0.0', info, paths, components: { schemas, securitySchemes } };
}

/** The OpenAPI 3.0 document of a path that belongs to no group version. */
export function rootDocumentV3(place: string): object {
  const { paths, schemas } = rootDocument(place);
  return { openapi: '3.0.0', info, paths, components: { schemas, securitySchemes } };
}

/** The OpenAPI 2.0 document of everything. */
export function documentV2(resources: Served): object {
  const { paths, schemas } = parts(documented(resources), resources, 'v2');
  return {
    swagger: '2.0',
    info,
    paths,
    definitions: schemas,
    securityDefinitions: securitySchemes,
    security: [{ BearerToken: [] }],
  };
}
