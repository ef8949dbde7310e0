import {
  any,
  around,
  delimited,
  double,
  encode,
  type Field,
  flag,
  type Message,
  message,
  named,
  repeated,
  text,
  whole,
} from './protobuf-writer.ts';

/**
 * The document of OpenAPI 2.0 in the encoding that client-go asks for (the messages of google/gnostic, OpenAPIv2.proto): kubectl checks
 * Lists and client-side what it applies by it. What this server never says has no field here.
 */
export function protobufV2(value: object): Buffer {
  return encode(value, document);
}

const schema: Message = {
  extensions: 31,
  fields: () => ({
    $ref: text(1),
    format: text(2),
    title: text(3),
    description: text(4),
    default: any(5),
    multipleOf: double(6),
    maximum: double(7),
    exclusiveMaximum: flag(8),
    minimum: double(9),
    exclusiveMinimum: flag(10),
    maxLength: whole(11),
    minLength: whole(12),
    pattern: text(13),
    maxItems: whole(14),
    minItems: whole(15),
    uniqueItems: flag(16),
    maxProperties: whole(17),
    minProperties: whole(18),
    required: repeated(text(19)),
    enum: repeated(any(20)),
    additionalProperties: around(21, (value) => (typeof value === 'boolean' ? flag(2) : message(1, schema))(value)),
    type: around(22, (value) => repeated(text(1))([value].flat())),
    items: around(23, message(1, schema)),
    allOf: repeated(message(24, schema)),
    properties: around(25, named(1, message(2, schema))),
    externalDocs: message(29, { fields: () => ({ description: text(1), url: text(2) }), extensions: 3 }),
    example: any(30),
  }),
};

const bodyParameter: Message = {
  extensions: 6,
  fields: () => ({
    description: text(1),
    name: text(2),
    in: text(3),
    required: flag(4),
    schema: message(5, schema),
  }),
};

/** Parameters of queries have one field more than those of paths and headers, after the fourth. */
const simpleParameter = (more: 0 | 1): Message => ({
  extensions: 22 + more,
  fields: () => ({
    required: flag(1),
    in: text(2),
    description: text(3),
    name: text(4),
    ...(more === 1 && { allowEmptyValue: flag(5) }),
    type: text(5 + more),
    format: text(6 + more),
    default: any(9 + more),
    maximum: double(10 + more),
    minimum: double(12 + more),
    pattern: text(16 + more),
    uniqueItems: flag(19 + more),
    enum: repeated(any(20 + more)),
  }),
});

/** By `in`: the number that tells which kind it is, and the kind. */
const simpleParameters = {
  header: message(1, simpleParameter(0)),
  query: message(3, simpleParameter(1)),
  path: message(4, simpleParameter(0)),
};

const parameters = (number: number): Field => repeated(around(number, parameter));

const parameter: Field = (value) => {
  // As paths.ts makes them.
  const { $ref, in: place } = value as { $ref?: string; in: 'body' | keyof typeof simpleParameters };
  if ($ref !== undefined) return delimited(2, text(1)($ref));
  return delimited(1, place === 'body' ? message(1, bodyParameter)(value) : around(2, simpleParameters[place])(value));
};

const response: Message = {
  extensions: 5,
  fields: () => ({ description: text(1), schema: around(2, message(1, schema)) }),
};

const security = (number: number): Field => repeated(around(number, named(1, around(2, repeated(text(1))))));

const operation: Message = {
  extensions: 13,
  fields: () => ({
    tags: repeated(text(1)),
    summary: text(2),
    description: text(3),
    operationId: text(5),
    produces: repeated(text(6)),
    consumes: repeated(text(7)),
    parameters: parameters(8),
    responses: around(9, named(1, around(2, message(1, response)))),
    schemes: repeated(text(10)),
    deprecated: flag(11),
    security: security(12),
  }),
};

const pathItem: Message = {
  extensions: 10,
  fields: () => ({
    get: message(2, operation),
    put: message(3, operation),
    post: message(4, operation),
    delete: message(5, operation),
    options: message(6, operation),
    head: message(7, operation),
    patch: message(8, operation),
    parameters: parameters(9),
  }),
};

const apiKey: Message = {
  extensions: 5,
  fields: () => ({ type: text(1), name: text(2), in: text(3), description: text(4) }),
};

const document: Message = {
  extensions: 16,
  fields: () => ({
    swagger: text(1),
    info: message(2, { fields: () => ({ title: text(1), version: text(2), description: text(3) }), extensions: 7 }),
    schemes: repeated(text(5)),
    consumes: repeated(text(6)),
    produces: repeated(text(7)),
    paths: around(8, named(2, message(2, pathItem))),
    definitions: around(9, named(1, message(2, schema))),
    security: security(12),
    securityDefinitions: around(13, named(1, around(2, message(2, apiKey)))),
  }),
};
