// Loaded by every Node program in a container where Pods are plain processes of the host (NODE_OPTIONS, runtime/processes-launcher.ts): what
// namespaces and mounts would do for the program, done by Node's own functions. Small and plain, as every Pod's start waits for it, and
// the host's own Node may be an older one.
'use strict';

const { SKIFF_ROOT, SKIFF_POD_IP, SKIFF_PORTS } = process.env;

if (SKIFF_ROOT) {
  const redirect = require('./files.cjs')(SKIFF_ROOT);
  require('./host-name.cjs')(redirect);
  if (SKIFF_POD_IP && SKIFF_PORTS) {
    const directory = require('./directory.cjs')(SKIFF_PORTS);
    const files = require('./resolver-files.cjs')(redirect);
    require('./sockets.cjs')(SKIFF_POD_IP, { directory, files });
    require('./names.cjs')({ directory, files });
  }
  // Modules that import these functions by name get the changed ones.
  require('node:module').syncBuiltinESMExports();
}
