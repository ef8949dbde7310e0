import type { Environment } from '@marcbachmann/cel-js';

/** A value of a type that only the functions of its library can look into. */
class Url extends URL {}

/** Parts of URLs. */
export function urls(environment: Environment): void {
  const absolute = (text: string): boolean => text.startsWith('/') || URL.canParse(text);
  environment
    .registerType('kubernetes.URL', { ctor: Url, fields: {} })
    .registerFunction('isURL(string): bool', absolute)
    .registerFunction('url(string): kubernetes.URL', (text: string) => {
      if (!absolute(text)) throw new Error(`URL parse error during conversion from string: ${text}`);
      return text.startsWith('/') ? new Url(text, 'none://') : new Url(text);
    })
    .registerFunction('kubernetes.URL.getScheme(): string', ({ protocol }: Url) =>
      protocol === 'none:' ? '' : protocol.slice(0, -1),
    )
    .registerFunction('kubernetes.URL.getHost(): string', ({ host }: Url) => host)
    .registerFunction('kubernetes.URL.getHostname(): string', ({ hostname }: Url) => hostname.replace(/^\[|\]$/g, ''))
    .registerFunction('kubernetes.URL.getPort(): string', ({ port }: Url) => port)
    .registerFunction('kubernetes.URL.getEscapedPath(): string', ({ pathname }: Url) => pathname)
    .registerFunction('kubernetes.URL.getQuery(): map<string, list<string>>', ({ searchParams }: Url) => {
      return new Map([...new Set(searchParams.keys())].map((key) => [key, searchParams.getAll(key)]));
    });
}
