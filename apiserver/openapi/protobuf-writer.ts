/** The bytes of one field of a protobuf message, with its number; none where it has the value that a missing one has. */
export type Field = (value: unknown) => Buffer;

/** A message: its fields by the names that they have in JSON, and the number under which extensions (`x-...`) are listed. */
export interface Message {
  readonly fields: () => Readonly<Record<string, Field>>;
  readonly extensions?: number;
}

const none = Buffer.alloc(0);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A field of some length: a text, or a message that is encoded already (protobuf.dev, "Encoding"). */
export function delimited(number: number, payload: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(payload.length), payload]);
}

export const text =
  (number: number): Field =>
  (value) =>
    delimited(number, Buffer.from(String(value)));

export const flag =
  (number: number): Field =>
  (value) =>
    value === true ? Buffer.concat([varint(number * 8), varint(1)]) : none;

export const whole =
  (number: number): Field =>
  (value) =>
    Buffer.concat([varint(number * 8), varint(Number(value))]);

export const double =
  (number: number): Field =>
  (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return Buffer.concat([varint(number * 8 + 1), bytes]);
  };

/** Each item of a list as a field of its own. */
export const repeated =
  (field: Field): Field =>
  (value) =>
    Buffer.concat(Array.isArray(value) ? value.map(field) : []);

/** A message around one other field. */
export const around =
  (number: number, field: Field): Field =>
  (value) =>
    delimited(number, field(value));

/** A map as a list of messages with `name` and `value`; `value` is the field of that, number 2. */
export const named =
  (number: number, value: Field): Field =>
  (map) => {
    const entries = Object.entries(typeof map === 'object' && map !== null ? map : {});
    return Buffer.concat(entries.map(([key, one]) => delimited(number, Buffer.concat([text(1)(key), value(one)]))));
  };

/** Any value, as YAML in a message: JSON is some. */
export const any = (number: number): Field => around(number, (value) => text(2)(JSON.stringify(value)));

export const message =
  (number: number, inner: Message): Field =>
  (value) =>
    delimited(number, encode(value, inner));

/** What the message has no field for is left out. */
export function encode(value: unknown, { fields, extensions }: Message): Buffer {
  const known = fields();
  const members = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const parts = members.map(([key, member]) => {
    const field = known[key];
    if (field) return field(member);
    if (extensions !== undefined && key.startsWith('x-')) return named(extensions, any(2))({ [key]: member });
    return none;
  });
  return Buffer.concat(parts);
}
