'use strict';

const dns = require('node:dns');
const { isIP } = require('node:net');

/**
 * Has names resolved as the Pod's /etc/hosts and /etc/resolv.conf say: by the cluster's DNS, and where that can't be asked, as the host
 * resolves them.
 */
module.exports = ({ directory, files: { settings, hosts } }) => {
  /** Looked up each time: the cluster's DNS may be opened elsewhere, and anew. */
  const serverOf = (address) => {
    const real = address.startsWith('127.') && directory.find('UDP', address, 53);
    return real ? `${real.address}:${real.port}` : address;
  };
  const prepare = (resolver) => {
    const { servers = [] } = settings() || {};
    if (servers.length > 0) resolver.setServers(servers.map(serverOf));
    return resolver;
  };

  const OriginalResolver = dns.Resolver;

  /** The names to ask for, in order (resolv.conf(5)). */
  const candidates = (name, { searches, ndots }) => {
    if (name.endsWith('.')) return [name.slice(0, -1)];
    const searched = searches.map((search) => `${name}.${search}`);
    const dots = name.split('.').length - 1;
    return dots >= ndots ? [name, ...searched] : [...searched, name];
  };

  const originalLookup = dns.lookup;
  const isUnknown = ({ code }) => code === dns.NOTFOUND || code === dns.NODATA;

  /** Calls back with an error, or with addresses that a Service or Pod has: of IPv4. */
  const ask = (name, conf, callback) => {
    const resolver = prepare(new OriginalResolver());
    const names = candidates(name, conf);
    const next = (index) =>
      resolver.resolve4(names[index], (error, addresses) => {
        if (error && isUnknown(error) && index + 1 < names.length) next(index + 1);
        else callback(error, addresses);
      });
    next(0);
  };
  const notFound = (hostname) =>
    Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
      ...{ errno: -3008, code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname },
    });

  const lookup = (hostname, given, callback = given) => {
    const options = typeof given === 'number' ? { family: given } : typeof given === 'object' && given ? given : {};
    const family = { IPv4: 4, IPv6: 6 }[options.family] || options.family || 0;
    const asHost = () => originalLookup(hostname, options, callback);
    const conf = settings();
    if (!hostname || isIP(hostname) || /^(.*\.)?localhost\.?$/.test(hostname) || !conf || conf.servers.length === 0)
      return asHost();
    const answer = (addresses) => {
      if (options.all)
        callback(
          null,
          addresses.map((address) => ({ address, family: isIP(address) })),
        );
      else callback(null, addresses[0], isIP(addresses[0]));
    };
    const [own] = hosts(hostname, family) || [];
    if (own) return process.nextTick(answer, [own]);
    if (family === 6) return asHost();
    return ask(hostname, conf, (error, addresses) => {
      if (!error) answer(addresses);
      else if (isUnknown(error)) callback(notFound(hostname));
      else asHost();
    });
  };
  Object.defineProperties(lookup, Object.getOwnPropertyDescriptors(originalLookup));
  dns.lookup = lookup;
  dns.promises.lookup = (hostname, options = {}) =>
    new Promise((resolve, reject) => {
      const isAll = typeof options === 'object' && options.all;
      lookup(hostname, options, (error, address, family) => {
        if (error) reject(error);
        else resolve(isAll ? address : { address, family });
      });
    });

  // Those that ask a server themselves.
  for (const owner of [dns, dns.promises]) {
    const { Resolver } = owner;
    owner.Resolver = class extends Resolver {
      constructor(...args) {
        super(...args);
        prepare(this);
      }
    };
    // Until the program names servers of its own, with which Node replaces all of these.
    for (const name of Object.keys(owner).filter((key) => /^(resolve|reverse$)/.test(key)))
      owner[name] = (...args) => new owner.Resolver()[name](...args);
  }
};
