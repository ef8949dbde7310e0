import type { Environment, Optional } from '@marcbachmann/cel-js';
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '@skiff/api/names';
import { stringFormats } from '../../schema/formats.ts';

type Validate = (text: string) => string[];

/** A format that has a name. */
class Format {
  readonly validate: Validate;
  constructor(validate: Validate) {
    this.validate = validate;
  }
}

/** `format` is a name whose members are functions. */
class Formats {}

const known =
  (name: string, fault: string): Validate =>
  (text) =>
    stringFormats[name]?.(text) ? [] : [fault];
/** What the server adds to a prefix goes after its last hyphen. */
const prefix =
  (whole: Validate): Validate =>
  (text) =>
    whole(text.replace(/-$/, 'a'));

const formatsByName: Readonly<Record<string, Validate>> = {
  dns1123Label,
  dns1123Subdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: prefix(dns1123Label),
  dns1123SubdomainPrefix: prefix(dns1123Subdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  labelValue,
  uri: known('uri', 'invalid URI for request'),
  uuid: known('uuid', 'does not match the UUID format'),
  byte: known('byte', 'invalid base64'),
  date: known('date', 'invalid date'),
  datetime: known('datetime', 'invalid datetime'),
};

/** `format.dns1123Label().validate(text)` and its like. */
export function formats(environment: Environment, { of, none }: typeof Optional): void {
  environment
    .registerType('kubernetes.NamedFormat', { ctor: Format, fields: {} })
    .registerType('kubernetes.Formats', { ctor: Formats, fields: {} })
    .registerConstant('format', 'kubernetes.Formats', new Formats())
    .registerFunction(
      'kubernetes.NamedFormat.validate(string): optional<list<string>>',
      (format: Format, text: string) => {
        const faults = format.validate(text);
        return faults.length > 0 ? of(faults) : none();
      },
    )
    .registerFunction(
      'kubernetes.Formats.named(string): optional<kubernetes.NamedFormat>',
      (_: Formats, name: string) => {
        const validate = Object.hasOwn(formatsByName, name) ? formatsByName[name] : undefined;
        return validate ? of(new Format(validate)) : none();
      },
    );
  for (const [name, validate] of Object.entries(formatsByName)) {
    const format = new Format(validate);
    environment.registerFunction(`kubernetes.Formats.${name}(): kubernetes.NamedFormat`, () => format);
  }
}
