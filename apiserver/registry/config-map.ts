import { invalidValue } from '@skiff/api/causes';
import type { ConfigMap } from '@skiff/api/types';
import { bytesOfBase64, validateImmutable, validateKeys, validateSize } from './config-data.ts';
import { defineStrategy } from './define-strategy.ts';

/** ConfigMaps (upstream: pkg/registry/core/configmap). */
export const configMapStrategy = defineStrategy<ConfigMap>({
  validate({ data = {}, binaryData = {} }) {
    const bytes =
      Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
      Object.values(binaryData).reduce((sum, text) => sum + bytesOfBase64(text), 0);
    const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
    return [
      ...validateKeys(data, 'data'),
      ...twice.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
      ...validateKeys(binaryData, 'binaryData'),
      ...validateSize(bytes, ''),
    ];
  },
  validateUpdate: (map, old) => validateImmutable({ ...map }, { ...old }, ['data', 'binaryData']),
});
