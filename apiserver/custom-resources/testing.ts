import { type Answered, TestServer } from '../testing.ts';
import type { JsonSchema } from './schema/json-schema.ts';

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const mergePatch = { 'content-type': 'application/merge-patch+json' };

export interface TestDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

/** A definition of `KINDs.example.com` in v1; `spec` and `version` replace what they name. */
export function definitionOf(
  kind: string,
  options: { schema?: JsonSchema; version?: object; spec?: object; names?: object } = {},
): TestDefinition {
  const plural = `${kind.toLowerCase()}s`;
  const schema = options.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind, ...options.names },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...options.version }],
      ...options.spec,
    },
  };
}

/** Where objects of such a definition are. */
export const objectsPath = (kind: string, version = 'v1'): string =>
  `/apis/example.com/${version}/namespaces/default/${kind.toLowerCase()}s`;

/** An API server with definitions. */
export class CustomServer {
  readonly api: TestServer;

  private constructor(api: TestServer) {
    this.api = api;
  }

  static async start(options: { folder?: string } = {}): Promise<CustomServer> {
    return new CustomServer(await TestServer.start(options));
  }

  /** Creates a definition and resolves when its watch says that it is established. */
  async define(definition: TestDefinition): Promise<void> {
    const { code, text } = await this.api.send('POST', definitionsPath, definition);
    if (code !== 201) throw new Error(text);
    await this.until(definition.metadata.name, ({ status }) => holds(status, 'Established'));
  }

  /** Resolves with the first state of a definition of which this holds; undefined: it is gone. */
  async until(name: string, condition: (definition: Answered['body']) => boolean): Promise<Answered['body']> {
    const path = `${definitionsPath}?watch=1&fieldSelector=metadata.name%3D${name}`;
    return this.api.watchUntil(path, ({ type, object }) => condition(type === 'DELETED' ? undefined : object));
  }

  /** Writes an object of a kind of `example.com/v1`. */
  create(kind: string, object: object, query = ''): Promise<Answered> {
    const body = { apiVersion: 'example.com/v1', kind, ...object };
    return this.api.send('POST', objectsPath(kind) + query, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api[Symbol.asyncDispose]();
  }
}

export function holds(status: Answered['body'], type: string): boolean {
  return status?.conditions?.some(
    (condition: Answered['body']) => condition.type === type && condition.status === 'True',
  );
}

/** The causes of a refusal, in short: `FieldValueInvalid spec.size`. */
export const causesOf = ({ body }: Answered): string[] =>
  (body.details?.causes ?? []).map(({ reason, field }: Answered['body']) => `${reason} ${field}`);
