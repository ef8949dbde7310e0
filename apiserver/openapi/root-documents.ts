import { nameOf } from './names.ts';
import { groupTitle } from './operation.ts';
import { answerTypes } from './paths.ts';
import { schemasOf } from './schemas.ts';

type Json = Record<string, unknown>;

/** What is told at a path that belongs to no group version. */
interface Told {
  readonly path: string;
  readonly description: string;
  readonly operationId: string;
  readonly tag: string;
  readonly model: string;
}

const versionsOf = 'get available API versions';

function toldAt(place: string): Told {
  const [root, group] = place.split('/');
  if (root === 'version') {
    const description = 'get the version information for this server';
    return { path: '/version/', description, operationId: 'getCodeVersion', tag: 'version', model: 'VersionInfo' };
  }
  if (root === 'api') {
    return {
      path: '/api/',
      description: versionsOf,
      operationId: 'getCoreAPIVersions',
      tag: 'core',
      model: 'V1APIVersions',
    };
  }
  if (!group) {
    return {
      path: '/apis/',
      description: versionsOf,
      operationId: 'getAPIVersions',
      tag: 'apis',
      model: 'V1APIGroupList',
    };
  }
  const title = groupTitle(group);
  const tag = `${title.charAt(0).toLowerCase()}${title.slice(1)}`;
  const description = 'get information of a group';
  return { path: `/apis/${group}/`, description, operationId: `get${title}APIGroup`, tag, model: 'V1APIGroup' };
}

/** The places of documents that are about no group version: `version`, `api`, `apis` and `apis/GROUP`. */
export const rootPlaces = (groups: Iterable<string>): string[] => [
  'api',
  'apis',
  'version',
  ...[...new Set(groups)].filter((group) => group !== '').map((group) => `apis/${group}`),
];

/** The version is told by a plain handler, which writes JSON alone. */
const typesOf = (place: string): readonly string[] => (place === 'version' ? ['application/json'] : answerTypes);

/** The paths and schemas of such a document. */
export function rootDocument(place: string): { paths: Json; schemas: Json } {
  const { path, description, operationId, tag, model } = toldAt(place);
  const schema = { $ref: `#/components/schemas/${nameOf(model)}` };
  const content = Object.fromEntries(typesOf(place).map((type) => [type, { schema }]));
  const responses = { 200: { description: 'OK', content }, 401: { description: 'Unauthorized' } };
  return {
    paths: { [path]: { get: { description, operationId, tags: [tag], responses } } },
    schemas: schemasOf([model], 'v3'),
  };
}
