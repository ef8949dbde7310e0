'use strict';

const fs = require('node:fs');
const os = require('node:os');

/** Has os.hostname() say the Pod's name, as its /etc/hostname does. */
module.exports = (redirect) => {
  const original = os.hostname;
  os.hostname = () => {
    const file = redirect('/etc/hostname');
    if (file === '/etc/hostname') return original();
    try {
      return fs.readFileSync(file, 'utf8').trim();
    } catch {
      return original();
    }
  };
};
