import { hostPrograms, testContainerRuntime } from './contract.ts';
import { testInsideCluster } from './inside-cluster.ts';
import { testInteraction } from './interaction.ts';
import { testIsolation } from './isolation.ts';
import { openNamespacesRuntime } from './namespaces.ts';
import { testWatching } from './watching.ts';

const stateDir = '/run/contract-namespaces';

testInsideCluster(import.meta.filename, () => {
  testContainerRuntime('namespaces', {
    programs: hostPrograms,
    open: () => openNamespacesRuntime({ stateDir }),
    reopen: async (old) => {
      await old.close();
      return openNamespacesRuntime({ stateDir });
    },
  });
  testIsolation('namespaces', openNamespacesRuntime);
  testInteraction('namespaces', openNamespacesRuntime);
  testWatching('namespaces', openNamespacesRuntime, {
    file: 'namespaces.ts',
    opener: 'openNamespacesRuntime',
    stateDir: '/run/watching-namespaces',
  });
});
