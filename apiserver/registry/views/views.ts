import { apiVersionOf, kindNamed, type View } from '@skiff/api/kinds';
import { modelType } from '../../managed-fields/model-type.ts';
import type { Store } from '../../storage/store.ts';
import { printerFor } from '../../table/printers.ts';
import type { Caches } from '../../watch/caches.ts';
import { eventConversion } from '../event/conversion.ts';
import { eventViewStrategy } from '../event/view.ts';
import { autoscalerConversion } from '../horizontal-pod-autoscaler/conversion.ts';
import { Registry } from '../registry.ts';
import { type Form, modelShape } from '../shape.ts';
import type { Strategy } from '../strategy.ts';
import { type Conversion, complete, viewCodec, viewStrategy } from './view.ts';

const conversions: Readonly<Record<string, Conversion>> = {
  Event: eventConversion,
  HorizontalPodAutoscaler: autoscalerConversion,
};

const strategies: Readonly<Record<string, (stored: Strategy, conversion: Conversion) => Strategy>> = {
  Event: eventViewStrategy,
};

function formOf(view: View, conversion: Conversion): Form {
  const stored = kindNamed(view.of);
  const printer = printerFor(stored.kind);
  return {
    shape: modelShape(view.model),
    mergeTypeIn: (apiVersion) => (apiVersion === apiVersionOf(view) ? modelType(view.model) : undefined),
    printer: { ...printer, cells: (object, now) => printer.cells(conversion.toStored(structuredClone(object)), now) },
    warnings: [],
  };
}

/** The registry of another form of a kind's objects. */
export function viewRegistry(view: View, options: { strategy: Strategy; store: Store; caches: Caches }): Registry {
  const found = conversions[view.of];
  if (!found) throw new Error(`no conversion between ${view.of} and ${apiVersionOf(view)} ${view.kind}`);
  const conversion = complete(view, found);
  const strategy = (strategies[view.of] ?? viewStrategy)(options.strategy, conversion);
  const { store, caches } = options;
  return new Registry({
    kind: view,
    strategy,
    form: formOf(view, conversion),
    codec: viewCodec(view, conversion),
    store,
    caches,
  });
}
