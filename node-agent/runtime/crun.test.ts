import { hostPrograms, testContainerRuntime } from './contract.ts';
import { isCrunInstalled, openCrunRuntime } from './crun.ts';
import { testInsideCluster } from './inside-cluster.ts';
import { testInteraction } from './interaction.ts';
import { testIsolation } from './isolation.ts';
import { testWatching } from './watching.ts';

const stateDir = '/run/contract-crun';

testInsideCluster(
  import.meta.filename,
  () => {
    testContainerRuntime('crun', {
      programs: hostPrograms,
      open: () => openCrunRuntime({ stateDir }),
      reopen: async (old) => {
        await old.close();
        return openCrunRuntime({ stateDir });
      },
    });
    testIsolation('crun', openCrunRuntime);
    testInteraction('crun', openCrunRuntime);
    testWatching('crun', openCrunRuntime, {
      file: 'crun.ts',
      opener: 'openCrunRuntime',
      stateDir: '/run/watching-crun',
    });
  },
  isCrunInstalled() ? undefined : 'crun is not installed',
);
