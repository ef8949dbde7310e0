import { readFileSync } from 'node:fs';

/** Where a field is in the protobuf encoding of its model: its number, after that of the struct it is embedded in, if any. */
export type FieldNumbers = ReadonlyMap<string, readonly number[]>;

let models: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, FieldNumbers>();

/**
 * The field numbers of a model, which the declarations of @kubernetes/client-node lack (upstream: the generated.proto files of
 * k8s.io/api). They are in protobuf-fields.txt, a line for each model; read when they are first asked for. Undefined: not known.
 */
export function fieldNumbers(model: string): FieldNumbers | undefined {
  models ??= readModels();
  let numbers = parsed.get(model);
  const line = models.get(model);
  if (!numbers && line !== undefined) {
    numbers = new Map(
      line.split(' ').map((entry) => {
        const [name = '', path = ''] = entry.split('=');
        return [name, path.split('.').map(Number)];
      }),
    );
    parsed.set(model, numbers);
  }
  return numbers;
}

function readModels(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('./protobuf-fields.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter(Boolean);
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}
