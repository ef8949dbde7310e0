import { apiVersionOf, type Kind } from '@skiff/api/kinds';
import { normalize } from '@skiff/api/schema/normalize';
import { schemaFor } from '@skiff/api/schema/schema';
import type { MapType } from '../managed-fields/merge-type.ts';
import { modelType } from '../managed-fields/model-type.ts';
import type { Dialect } from '../openapi/schemas.ts';
import { strategicSchemaOf } from '../patch/model-schema.ts';
import type { StrategicSchema } from '../patch/strategic-schema.ts';
import type { Printer } from '../table/columns.ts';
import { printerFor } from '../table/printers.ts';
import { deprecations } from './deprecations.ts';
import { type ReadFields, readFields } from './fields.ts';

/** What a type's JSON looks like: how it is read, written and patched. */
export interface Shape {
  /** Whether a body has to say its kind and version, which elsewhere go without saying. */
  readonly selfDescribing?: boolean;
  /** Reads a JSON object as this type. `json` is the text that it was parsed from, where fields may have been repeated. */
  read(value: object, json?: string): ReadFields;
  /** Brings an object into the form in which it is stored and answered. Mutates. */
  normalize(object: object): void;
  /** How strategic merge patches work; absent where only JSON and merge patches are taken (custom resources). */
  readonly strategic: (() => StrategicSchema) | undefined;
}

/** The shape of a model of the generated schema, as `V1Pod`. */
export function modelShape(model: string): Shape {
  return {
    read: (value, json) => readFields(value, model, json),
    // An object of any type has named members.
    normalize: (object) => normalize(object as Record<string, unknown>, schemaFor(model)),
    strategic: () => strategicSchemaOf(model),
  };
}

/** Paths of kubectl's JSONPath without braces, as `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string | undefined;
}

export interface CustomForm {
  /** The schemas of the kind and of its list in the OpenAPI documents. */
  openApi(dialect: Dialect): Record<string, object>;
  /** Names the state of the definition that the form was made of. */
  readonly origin: string;
  /** Where a Scale finds what it shows, if the kind has that subresource. */
  readonly scale: ScalePaths | undefined;
  /** Why objects cannot be had in this version, if a webhook would have to convert them. */
  readonly unconverted: string | undefined;
}

/** How a kind is served, beside the rules of its strategy. */
export interface Form {
  readonly shape: Shape;
  /**
   * How the objects merge in a version of the kind, for server-side apply; undefined for a version that is not served. Of custom
   * resources it is `customResourceType` of the version's schema.
   */
  mergeTypeIn(apiVersion: string): MapType | undefined;
  readonly printer: Printer;
  /** Said with every answer. */
  readonly warnings: readonly string[];
  /** Of kinds that a CustomResourceDefinition defines. */
  readonly custom?: CustomForm;
}

/** The form of a kind of the kinds table. */
export function builtInForm(kind: Kind): Form {
  return {
    shape: modelShape(kind.model),
    mergeTypeIn: (apiVersion) => (apiVersion === apiVersionOf(kind) ? modelType(kind.model) : undefined),
    printer: printerFor(kind.kind),
    warnings: deprecations[kind.kind] ?? [],
  };
}
