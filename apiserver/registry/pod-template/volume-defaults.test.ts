import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultVolume, type Volume } from './volume-defaults.ts';

const defaults: Record<string, { given: Omit<Volume, 'name'>; filled: Omit<Volume, 'name'> }> = {
  'no source': { given: {}, filled: { emptyDir: {} } },
  iSCSI: {
    given: { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0 } },
    filled: { iscsi: { targetPortal: 'a', iqn: 'b', lun: 0, iscsiInterface: 'default' } },
  },
  RBD: {
    given: { rbd: { monitors: ['a'], image: 'b', pool: 'mine' } },
    filled: { rbd: { monitors: ['a'], image: 'b', pool: 'mine', user: 'admin', keyring: '/etc/ceph/keyring' } },
  },
  'Azure disks': {
    given: { azureDisk: { diskName: 'a', diskURI: 'b' } },
    filled: {
      azureDisk: {
        diskName: 'a',
        diskURI: 'b',
        cachingMode: 'ReadWrite',
        kind: 'Shared',
        fsType: 'ext4',
        readOnly: false,
      },
    },
  },
  ScaleIO: {
    given: { scaleIO: { gateway: 'a', system: 'b', secretRef: {} } },
    filled: { scaleIO: { gateway: 'a', system: 'b', secretRef: {}, storageMode: 'ThinProvisioned', fsType: 'xfs' } },
  },
};
for (const [what, { given, filled }] of Object.entries(defaults)) {
  test(`a volume of ${what} is filled in`, () => {
    const volume: Volume = { name: 'v', ...given };
    defaultVolume(volume);
    assert.deepEqual(volume, { name: 'v', ...filled });
  });
}
