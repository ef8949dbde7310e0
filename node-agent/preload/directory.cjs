'use strict';

const fs = require('node:fs');
const { join } = require('node:path');

/** What network/port-directory.ts is to the node agent: says where ports really are. */
module.exports = (folder) => {
  const fileOf = (protocol, address, port) => join(folder, `${protocol}-${address}-${port}`);
  const own = new Set();
  const remove = (file) => {
    own.delete(file);
    try {
      fs.unlinkSync(file);
    } catch {}
  };
  process.on('exit', () => own.forEach(remove));
  return {
    /** Undefined where nothing is said about it. */
    find(protocol, address, port) {
      try {
        const [real, realPort] = fs
          .readFileSync(fileOf(protocol, address, port), 'utf8')
          .trim()
          .split(':');
        return { address: real, port: Number(realPort) };
      } catch {
        return undefined;
      }
    },
    /** Answers with the function that takes it back. */
    announce(protocol, address, port, real) {
      const file = fileOf(protocol, address, port);
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(`${file}.${process.pid}`, `${real.address}:${real.port}\n`);
      fs.renameSync(`${file}.${process.pid}`, file);
      own.add(file);
      return () => remove(file);
    },
    withdraw(protocol, address, port) {
      remove(fileOf(protocol, address, port));
    },
  };
};
