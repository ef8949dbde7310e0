/** A container image's name, taken apart: `registry.example:5000/team/app:1.2@sha256:...`. */
export interface ImageReference {
  /** `docker.io` where the name has none. */
  readonly registry: string;
  /** With Docker's implied `library/`. */
  readonly repository: string;
  /** `latest` where there is neither a tag nor a digest. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const pattern = new RegExp(
  `^(?:(?<registry>${host})/)??(?<repository>${component}(?:/${component})*)` +
    '(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$',
);

/** Undefined where the text is no image name, by the grammar of github.com/distribution/reference. */
export function parseImageReference(text: string): ImageReference | undefined {
  const parts = pattern.exec(text)?.groups;
  if (parts === undefined) return undefined;
  let { registry, repository = '' } = parts;
  const { tag, digest } = parts;
  // A first component is a registry only where it looks like a host name.
  const [first = '', ...rest] = repository.split('/');
  if (registry === undefined && rest.length > 0 && (first.includes('.') || first === 'localhost')) {
    [registry, repository] = [first, rest.join('/')];
  } else if (registry !== undefined && !/[.:A-Z]|^localhost$/.test(registry)) {
    [registry, repository] = [undefined, `${registry}/${repository}`];
  }
  registry ??= 'docker.io';
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  return { registry, repository, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** The whole name, as container runtimes write it. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
