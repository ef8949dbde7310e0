/** The kinds by which drivers of volumes tell what they can do (upstream: pkg/registry/storage). */
import { duplicate, forbiddenField, invalidBy, notSupported, required } from '@skiff/api/causes';
import { dns1123Subdomain } from '@skiff/api/names';
import { validateLabelSelector } from '@skiff/api/selectors/label-selector-rules';
import type { StatusCause } from '@skiff/api/status';
import type { CSIDriver, CSINode, CSIStorageCapacity, VolumeAttachment, VolumeAttributesClass } from '@skiff/api/types';
import { defineStrategy } from '../define-strategy.ts';
import { validateImmutable } from '../immutable.ts';
import { keepSpec, keepStatus } from '../spec-and-status.ts';

const needed = (field: string, value: string | undefined): StatusCause[] => (value ? [] : [required(field)]);

function validateDriverName(field: string, name: string | undefined): StatusCause[] {
  return name ? invalidBy((text) => dns1123Subdomain(text.toLowerCase()), field, name) : [required(field)];
}

const lifecycleModes = ['Persistent', 'Ephemeral'];
const groupPolicies = ['ReadWriteOnceWithFSType', 'File', 'None'];

export const csiDriverStrategy = defineStrategy<CSIDriver>({
  deleteReturnsObject: true,
  default(driver) {
    driver.spec ??= {};
    const { spec } = driver;
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent'];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  validate({ spec }) {
    const { fsGroupPolicy, volumeLifecycleModes = [], tokenRequests = [] } = spec;
    const audiences = tokenRequests.map(({ audience }) => audience);
    return [
      ...(fsGroupPolicy && !groupPolicies.includes(fsGroupPolicy)
        ? [notSupported('spec.fsGroupPolicy', fsGroupPolicy, groupPolicies)]
        : []),
      ...volumeLifecycleModes
        .filter((mode) => !lifecycleModes.includes(mode))
        .map((mode) => notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)),
      ...audiences.flatMap((audience, index) =>
        audiences.indexOf(audience) < index ? [duplicate(`spec.tokenRequests[${index}].audience`, audience)] : [],
      ),
    ];
  },
  validateUpdate: ({ spec }, old) => [
    ...validateImmutable(spec.attachRequired, old.spec.attachRequired, 'spec.attachedRequired'),
    ...validateImmutable(spec.fsGroupPolicy, old.spec.fsGroupPolicy, 'spec.fsGroupPolicy'),
    ...validateImmutable(spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, 'spec.volumeLifecycleModes'),
  ],
});

export const csiNodeStrategy = defineStrategy<CSINode>({
  deleteReturnsObject: true,
  validate({ spec }) {
    const drivers = spec?.drivers ?? [];
    return drivers.flatMap(({ name, nodeID }, index) => {
      const field = `spec.drivers[${index}]`;
      const again = drivers.findIndex((other) => other.name === name) < index;
      return [
        ...validateDriverName(`${field}.name`, name),
        ...needed(`${field}.nodeID`, nodeID),
        ...(again ? [duplicate(`${field}.name`, name)] : []),
      ];
    });
  },
});

export const csiStorageCapacityStrategy = defineStrategy<CSIStorageCapacity>({
  deleteReturnsObject: true,
  validate: ({ storageClassName, nodeTopology }) => [
    ...(storageClassName
      ? invalidBy(dns1123Subdomain, 'storageClassName', storageClassName)
      : [required('storageClassName')]),
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
  ],
  validateUpdate: (object, old) => [
    ...validateImmutable(object.storageClassName, old.storageClassName, 'storageClassName'),
    ...validateImmutable(object.nodeTopology, old.nodeTopology, 'nodeTopology'),
  ],
});

export const volumeAttachmentStrategy = defineStrategy<VolumeAttachment>({
  deleteReturnsObject: true,
  prepareForCreate(object) {
    delete object.status;
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === 'status') keepSpec(object, old);
    else keepStatus(object, old);
  },
  validate({ spec }) {
    const { attacher, nodeName, source } = spec ?? {};
    const volume = source?.persistentVolumeName;
    const inline = source?.inlineVolumeSpec;
    const neither = !volume && !inline;
    return [
      ...validateDriverName('spec.attacher', attacher),
      ...(volume && inline
        ? [forbiddenField('spec.source', 'may not specify both persistentVolumeName and inlineVolumeSpec')]
        : []),
      ...(neither ? [required('spec.source', 'must specify persistentVolumeName or inlineVolumeSpec')] : []),
      ...needed('spec.nodeName', nodeName),
    ];
  },
  validateUpdate: (object, old, { subresource }) =>
    subresource === 'status' ? [] : validateImmutable(object.spec, old.spec, 'spec'),
});

export const volumeAttributesClassStrategy = defineStrategy<VolumeAttributesClass>({
  deleteReturnsObject: true,
  validate: ({ driverName, parameters }) => [
    ...validateDriverName('driverName', driverName),
    ...(Object.keys(parameters ?? {}).length ? [] : [required('parameters')]),
  ],
  validateUpdate: (object, old) => [
    ...validateImmutable(object.driverName, old.driverName, 'driverName'),
    ...validateImmutable(object.parameters, old.parameters, 'parameters'),
  ],
});
