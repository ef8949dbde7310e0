'use strict';

const fs = require('node:fs');
const { isIP } = require('node:net');

const words = (line) =>
  line
    .replace(/[#;].*/, '')
    .trim()
    .split(/\s+/);

/** What the Pod's /etc/resolv.conf and /etc/hosts say, each time anew. */
module.exports = (redirect) => {
  const read = (path) => {
    const real = redirect(path);
    if (real === path) return undefined;
    try {
      return fs.readFileSync(real, 'utf8');
    } catch {
      return undefined;
    }
  };
  /** Undefined where the Pod has no such file. */
  const settings = () => {
    const text = read('/etc/resolv.conf');
    if (text === undefined) return undefined;
    const found = { servers: [], searches: [], ndots: 1 };
    for (const line of text.split('\n')) {
      const [keyword, ...values] = words(line);
      if (keyword === 'nameserver') found.servers.push(values[0]);
      if (keyword === 'search') found.searches = values;
      for (const option of keyword === 'options' ? values : []) {
        const [, ndots] = /^ndots:(\d+)$/.exec(option) || [];
        if (ndots) found.ndots = Number(ndots);
      }
    }
    return found;
  };
  /** The line for a name, as words; `family` 0 is any. */
  const hosts = (name, family) =>
    (read('/etc/hosts') || '')
      .split('\n')
      .map(words)
      .find(([address, ...names]) => names.includes(name) && (family === 0 || isIP(address) === family));
  return { settings, hosts };
};
