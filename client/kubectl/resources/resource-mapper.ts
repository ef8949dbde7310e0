import type { Client } from '../../client.ts';
import { discover } from '../../discovery.ts';
import type { ApiResource } from '../../resource.ts';
import { CommandError } from '../failure.ts';

/** Finds the resource that a word on the command line or a manifest means, among those that the server serves. */
export class ResourceMapper {
  readonly #client: Client;
  #found: Promise<ApiResource[]> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** All that the server serves, in its order. */
  all(): Promise<ApiResource[]> {
    this.#found ??= discover(this.#client);
    return this.#found;
  }

  /** For custom resources, whose definition may have come a moment ago. */
  forget(): void {
    this.#found = undefined;
  }

  /**
   * `po`, `pod`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`: of several groups the server's first. Undefined
   * where nothing has that name.
   */
  async find(word: string): Promise<ApiResource | undefined> {
    const wanted = word.toLowerCase();
    const all = await this.all();
    const [name = '', ...rest] = wanted.split('.');
    const group = rest.join('.');
    const [version, ...groupRest] = rest;
    const named = (candidate: ApiResource): boolean =>
      [candidate.plural, candidate.singular, candidate.kind.toLowerCase()].includes(name);
    const short = (candidate: ApiResource): boolean => candidate.shortNames.includes(name);
    const inGroup = (test: (candidate: ApiResource) => boolean): ApiResource | undefined => {
      if (rest.length === 0) return all.find(test);
      return (
        all.find((candidate) => test(candidate) && candidate.group === group) ??
        all.find((one) => test(one) && one.version === version && one.group === groupRest.join('.')) ??
        all.find((candidate) => test(candidate) && candidate.group.startsWith(group))
      );
    };
    return inGroup(named) ?? inGroup(short);
  }

  /** As {@link find}, and throws what kubectl says where there is none. */
  async require(word: string): Promise<ApiResource> {
    const found = await this.find(word);
    if (!found) throw new CommandError(`the server doesn't have a resource type ${JSON.stringify(word)}`);
    return found;
  }

  /** The resources of a category, as `all`, that can be listed. */
  async category(name: string): Promise<ApiResource[]> {
    const seen = new Set<string>();
    return (await this.all()).filter(({ categories, verbs, group, plural }) => {
      const key = `${plural}.${group}`;
      if (!categories.includes(name) || !verbs.includes('list') || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  /** The resource of a manifest's kind; undefined where the server does not serve it. */
  async ofKind(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    const [first = '', second] = apiVersion.split('/');
    const [group, version] = second === undefined ? ['', first] : [first, second];
    return (await this.all()).find((one) => one.group === group && one.version === version && one.kind === kind);
  }
}

/** `deployments.apps`, `pods`: what kubectl calls a resource in its messages. */
export function qualifiedPlural({ plural, group }: ApiResource): string {
  return group ? `${plural}.${group}` : plural;
}

/** `deployment.apps/web`, `pod/web`: what kubectl calls an object. */
export function qualifiedName({ singular, kind, group }: ApiResource, name: string): string {
  const word = singular || kind.toLowerCase();
  return `${group ? `${word}.${group}` : word}/${name}`;
}
