import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { hostPrograms, testContainerRuntime } from './contract.ts';
import { openProcessesRuntime } from './plain-processes.ts';

// As where there is no /proc: the code asks ps(1) then, and a container's shim is a program of Node's. Terminals are left out, as macOS'
// script(1) has other options than this machine's.
Object.defineProperty(process, 'platform', { value: 'darwin' });

const stateDir = mkdtempSync(join(tmpdir(), 'skiff-without-proc-'));
after(() => rmSync(stateDir, { recursive: true }));

testContainerRuntime('processes without /proc', {
  programs: hostPrograms,
  open: async () => openProcessesRuntime({ stateDir }),
  reopen: async (old) => {
    await old.close();
    return openProcessesRuntime({ stateDir });
  },
});
