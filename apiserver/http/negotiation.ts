import { notAcceptable } from '@skiff/api/status';
import type { MetaVersion } from '../table/table.ts';

/** What the answer looks like. */
export interface Format {
  readonly encoding: 'json' | 'yaml';
  /** `table`, `partial` and `partialList` are views of meta.k8s.io; `discovery` is aggregated discovery. */
  readonly as: 'object' | 'table' | 'partial' | 'partialList' | 'discovery';
  /** The version of meta.k8s.io that the view is of. */
  readonly version: MetaVersion;
}

export const plainJson: Format = { encoding: 'json', as: 'object', version: 'v1' };

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

function parseAccept(header: string): Clause[] {
  const clauses = header.split(',').map((text): Clause => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters = new Map(
      rest.map((part): [string, string] => {
        const [name = '', value = ''] = part.split('=');
        return [name.trim().toLowerCase(), value.trim().replace(/^"|"$/g, '')];
      }),
    );
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
  });
  return clauses.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

const encodings: Readonly<Record<string, Format['encoding']>> = {
  '*/*': 'json',
  'application/*': 'json',
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/x-yaml': 'yaml',
};

const metaViews: Readonly<Record<string, Format['as']>> = {
  Table: 'table',
  PartialObjectMetadata: 'partial',
  PartialObjectMetadataList: 'partialList',
};

function viewOf(parameters: Clause['parameters']): Pick<Format, 'as' | 'version'> | undefined {
  const as = parameters.get('as');
  if (!as) return { as: 'object', version: 'v1' };
  const version = parameters.get('v') ?? '';
  const group = parameters.get('g');
  if (group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')) {
    const view = metaViews[as];
    return view && { as: view, version };
  }
  const discovery = group === 'apidiscovery.k8s.io' && as === 'APIGroupDiscoveryList' && version === 'v2';
  return discovery ? { as: 'discovery', version: 'v1' } : undefined;
}

/**
 * Chooses among what an Accept header offers (upstream: apiserver/pkg/endpoints/handlers/negotiation). Throws 406 where
 * nothing fits; `views` are those that this path can give.
 */
export function negotiate(accept: string | undefined, views: readonly Format['as'][]): Format {
  for (const { type, parameters } of parseAccept(accept || '*/*')) {
    const encoding = encodings[type];
    const view = viewOf(parameters);
    if (encoding && view && views.includes(view.as)) return { encoding, ...view };
  }
  throw notAcceptable(
    'only the following media types are accepted: application/json, application/yaml, application/json;stream=watch',
  );
}

/** Whether people read the answer: asked for, or from a browser or curl. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? '');
}
