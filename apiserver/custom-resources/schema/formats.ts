import { isIPv4, isIPv6 } from 'node:net';
import { dns1035Label, dns1123Label, dns1123Subdomain } from '@skiff/api/names';

const matches =
  (expression: RegExp) =>
  (text: string): boolean =>
    expression.test(text);

function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  if (rest.length || bits === undefined || !/^\d{1,3}$/.test(bits)) return false;
  return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128);
}

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return year !== '' && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function isDateTime(text: string): boolean {
  const [, date = ''] = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  return date !== '' && isDate(date) && !Number.isNaN(Date.parse(text.replace(' ', 'T')));
}

const units = 'ns|us|µs|μs|ms|s|m|h|d|w|hours?|minutes?|seconds?|milliseconds?|days?|weeks?|hrs?|mins?|secs?';
const isDuration = matches(new RegExp(`^(?:[+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)\\s*(?:${units})\\s*)+$|^0$`));

const uuid = (version: string): ((text: string) => boolean) =>
  matches(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i'));

/** The formats of strings that kube-apiserver checks (upstream: kube-openapi/pkg/validation/strfmt); others are taken as they come. */
export const stringFormats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: matches(/^[0-9a-f]{24}$/i),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  cidr: isCidr,
  creditcard: matches(/^(?:\d[ -]*?){13,19}$/),
  date: isDate,
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: isDuration,
  email: matches(/^[^\s@<>"]+@[^\s@<>"]+$/),
  hexcolor: matches(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: matches(
    /^(?=.{1,253}\.?$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$/,
  ),
  ipv4: isIPv4,
  ipv6: isIPv6,
  isbn: matches(/^(?:\d[ -]?){9}[\dX]$|^(?:\d[ -]?){12}\d$/),
  isbn10: matches(/^(?:\d[ -]?){9}[\dX]$/),
  isbn13: matches(/^(?:\d[ -]?){12}\d$/),
  'k8s-long-name': (text) => dns1123Subdomain(text).length === 0,
  'k8s-short-name': (text) => dns1123Label(text).length === 0,
  'k8s-short-name-1035': (text) => dns1035Label(text).length === 0,
  mac: matches(/^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i),
  rgbcolor: matches(/^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$/),
  ssn: matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: (text) => text.startsWith('/') || URL.canParse(text),
  uuid: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid3: uuid('3'),
  uuid4: uuid('4'),
  uuid5: uuid('5'),
};

/**
 * Whether a format says anything here: of numbers any does, though none is checked; of other values those that are checked do, and
 * `password`, which says no more than that a text is not to be shown.
 */
export const isKnownFormat = (format: string, type: string | undefined): boolean =>
  type === 'integer' || type === 'number' || format === 'password' || Object.hasOwn(stringFormats, format);
