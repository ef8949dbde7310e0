/**
 * The rules of names and values, each of which answers with what is wrong, in Kubernetes' words; nothing if all is well
 * (upstream: apimachinery/pkg/util/validation).
 */
function regexError(message: string, expression: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(' or ');
  return `${message} (e.g. ${shown}, regex used for validation is '${expression}')`;
}

const tooLong = (max: number): string => `must be no more than ${max} bytes`;
const tooLongBy = (value: string, max: number): boolean => value.length > max;

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1123Pattern = new RegExp(`^${label1123}$`);
const label1123Message =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

/** RFC 1123 label: `my-name`. */
export function dns1123Label(value: string): string[] {
  const errors: string[] = [];
  if (tooLongBy(value, 63)) errors.push(tooLong(63));
  if (!label1123Pattern.test(value)) errors.push(regexError(label1123Message, label1123, 'my-name', '123-abc'));
  return errors;
}

const subdomain = `${label1123}(\\.${label1123})*`;
const subdomainPattern = new RegExp(`^${subdomain}$`);
const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/** RFC 1123 subdomain: `example.com`. */
export function dns1123Subdomain(value: string): string[] {
  const errors: string[] = [];
  if (tooLongBy(value, 253)) errors.push(tooLong(253));
  if (!subdomainPattern.test(value)) errors.push(regexError(subdomainMessage, subdomain, 'example.com'));
  return errors;
}

const wildcard = `\\*\\.${subdomain}`;
const wildcardPattern = new RegExp(`^${wildcard}$`);

/** A subdomain whose first part may be anything: `*.example.com`. */
export function wildcardSubdomain(value: string): string[] {
  const errors = tooLongBy(value, 253) ? [tooLong(253)] : [];
  if (wildcardPattern.test(value)) return errors;
  const message =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...errors, regexError(message, wildcard, '*.example.com')];
}

const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const label1035Pattern = new RegExp(`^${label1035}$`);
const label1035Message =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

/** RFC 1035 label, which begins with a letter: `my-name`. */
export function dns1035Label(value: string): string[] {
  const errors: string[] = [];
  if (tooLongBy(value, 63)) errors.push(tooLong(63));
  if (!label1035Pattern.test(value)) errors.push(regexError(label1035Message, label1035, 'my-name', 'abc-123'));
  return errors;
}

const namePart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const namePartPattern = new RegExp(`^${namePart}$`);
const namePartMessage =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** What labels, annotations and finalizers are called: `name` or `prefix.example.com/name`. */
export function qualifiedName(value: string): string[] {
  const errors: string[] = [];
  const parts = value.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      `a qualified name ${regexError(namePartMessage, namePart, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') errors.push('prefix part must be non-empty');
    else errors.push(...dns1123Subdomain(prefix).map((error) => `prefix part ${error}`));
  }
  if (name === '') errors.push('name part must be non-empty');
  else if (tooLongBy(name, 63)) errors.push(`name part ${tooLong(63)}`);
  if (!namePartPattern.test(name)) {
    errors.push(`name part ${regexError(namePartMessage, namePart, 'MyName', 'my.name', '123-abc')}`);
  }
  return errors;
}

const labelValueExpression = `(${namePart})?`;
const labelValueMessage =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

export function labelValue(value: string): string[] {
  const errors: string[] = [];
  if (tooLongBy(value, 63)) errors.push(tooLong(63));
  if (value !== '' && !namePartPattern.test(value)) {
    errors.push(regexError(labelValueMessage, labelValueExpression, 'MyValue', 'my_value', '12345'));
  }
  return errors;
}

/** The name of a port of a container, and of a named target port (IANA service name). */
export function portName(value: string): string[] {
  const errors: string[] = [];
  if (value.length > 15) errors.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

export function portNumber(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** A key of ConfigMaps and Secrets, which becomes a file name. */
export function configMapKey(value: string): string[] {
  const errors: string[] = [];
  if (tooLongBy(value, 253)) errors.push(tooLong(253));
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) {
    const message = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(regexError(message, '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name'));
  }
  if (value === '.') errors.push("must not be '.'");
  else if (value === '..') errors.push("must not be '..'");
  else if (value.startsWith('..')) errors.push("must not start with '..'");
  return errors;
}

/** The name of an environment variable: printable ASCII without `=`. */
export function environmentName(value: string): string[] {
  if (/^[ -<>-~]+$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

const subdomainWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*';
const subdomainWithUnderscorePattern = new RegExp(`^${subdomainWithUnderscore}$`);

/** A search domain of DNS: a subdomain that may have underscores. */
export function searchDomain(value: string): string[] {
  const errors = tooLongBy(value, 253) ? [tooLong(253)] : [];
  if (subdomainWithUnderscorePattern.test(value)) return errors;
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
  return [...errors, regexError(message, subdomainWithUnderscore, 'example.com')];
}

/** The name of a header of HTTP. */
export function httpHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return [];
  const message = "a valid HTTP header must consist of alphanumeric characters or '-'";
  return [regexError(message, '[-A-Za-z0-9]+', 'X-Header-Name')];
}

/** What roles may be called: anything that can stand in a path. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A path below a domain, as controllers are called: `example.com/ingress`. */
export function domainPrefixedPath(value: string): string[] {
  const slash = value.indexOf('/');
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)];
  if (slash <= 0 || path === '') return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  const expression = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  if (new RegExp(`^${expression}$`).test(path)) return dns1123Subdomain(host);
  return [...dns1123Subdomain(host), regexError('Invalid path', expression, 'path')];
}

/** Checks the beginning of names that will be generated: it may end with what a whole name may not. */
export function asPrefix(rule: (value: string) => string[]): (value: string) => string[] {
  return (value) => rule(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
}
