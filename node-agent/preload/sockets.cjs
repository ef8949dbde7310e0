'use strict';

/** All addresses of the Pod itself: what a program that listens on them, or dials them, means. */
const isOwn = (address) => /^(::ffff:)?(0\.0\.0\.0|127\.0\.0\.1)$|^::1?$/.test(address);
const isAny = (address) => address === '0.0.0.0' || address === '::';
const isLoopback = (address) => address.startsWith('127.');
const plain = (address) => address.replace(/^::ffff:(?=\d+\.)/, '');

/**
 * Keeps the program's sockets to the Pod's address: what listens everywhere or on localhost listens there, what dials loopback dials from
 * there. Done below node:net and node:dgram, where addresses are numbers and calls answer at once. A port that can't be listened on
 * (a low one, or any where the machine has one loopback address) is opened elsewhere, and the directory says where.
 */
module.exports = (podIP, { directory, files }) => {
  const { TCP } = process.binding('tcp_wrap');
  const { UDP } = process.binding('udp_wrap');
  const { UV_EACCES, UV_ECONNREFUSED } = process.binding('uv');
  const oneLoopback = process.platform === 'darwin' || process.env.SKIFF_ONE_LOOPBACK === '1';
  const ownAddress = oneLoopback ? '127.0.0.1' : podIP;
  /** The port that the node agent has chosen for this container, and has told the directory about. */
  const agreed = oneLoopback ? Number(process.env.SKIFF_PORT) : 0;

  for (const [{ prototype }, protocol] of [
    [TCP, 'TCP'],
    [UDP, 'UDP'],
  ]) {
    const { bind, connect, getsockname, getpeername, close } = prototype;

    const bindAs = (original) =>
      function (given, port, flags) {
        const address = plain(given);
        if (!isOwn(given) && address !== podIP) return original.call(this, given, port, flags);
        // Who only sends may be sending anywhere, which an address of loopback can't.
        if (protocol === 'UDP' && port === 0 && isAny(given)) return original.call(this, given, port, flags);
        this.skiffIsIPv4 = true;
        if (port === 0 || port === agreed) return bind.call(this, ownAddress, port, 0);
        const error = oneLoopback ? UV_EACCES : bind.call(this, ownAddress, port, 0);
        if (error !== UV_EACCES) {
          // What a program that was killed has said about it.
          directory.withdraw(protocol, podIP, port);
          return error;
        }
        this.skiffPort = port;
        const failed = bind.call(this, ownAddress, 0, 0);
        // A TCP port is there when it is listened on, one of UDP at once.
        if (!failed && protocol === 'UDP') announce(this);
        return failed;
      };
    const announce = (handle) => {
      if (handle.skiffPort === undefined || handle.skiffWithdraw) return;
      const real = {};
      getsockname.call(handle, real);
      handle.skiffWithdraw = directory.announce(protocol, podIP, handle.skiffPort, real);
    };
    prototype.bind = bindAs(bind);
    prototype.bind6 = bindAs(prototype.bind6);
    prototype.getsockname = function (out) {
      const error = getsockname.call(this, out);
      if (this.skiffPort !== undefined) Object.assign(out, { address: podIP, family: 'IPv4', port: this.skiffPort });
      return error;
    };
    prototype.getpeername = function (out) {
      const error = getpeername.call(this, out);
      tellAsked(this, out);
      return error;
    };
    prototype.close = function (...args) {
      if (this.skiffWithdraw) this.skiffWithdraw();
      if (this.skiffSender) this.skiffSender.close();
      return close.apply(this, args);
    };

    if (protocol === 'TCP') {
      const { listen } = prototype;
      prototype.listen = function (...args) {
        const error = listen.apply(this, args);
        if (!error) announce(this);
        return error;
      };
    }

    /** Remembers whom the program has asked for, where that one is elsewhere: it is to hear from the same. */
    const remember = (handle, asked, real) => {
      if (real.address === asked.address && real.port === asked.port) return;
      handle.skiffAsked = handle.skiffAsked || new Map();
      handle.skiffAsked.set(`${real.address}:${real.port}`, asked);
    };
    const tellAsked = (handle, out) => {
      const asked = out && handle.skiffAsked?.get(`${out.address}:${out.port}`);
      if (asked) Object.assign(out, asked);
    };

    /** Where to send what is meant for an address of loopback; undefined where nobody can be there. */
    const realPlace = (address, port) => {
      const real = directory.find(protocol, address, port);
      if (real) return real;
      if (!oneLoopback || address === '127.0.0.1') return { address, port };
      return undefined;
    };
    /** The host's own resolver may be on loopback; a Pod with `dnsPolicy: Default` asks that. */
    const isHostsResolver = (address, port) =>
      port === 53 && (files.settings()?.servers || []).includes(address) && !directory.find(protocol, address, 53);
    const dialAs = (original) =>
      function (...args) {
        // (request, address, port) of TCP, (address, port) of UDP
        const at = protocol === 'TCP' ? 1 : 0;
        const address = isOwn(args[at]) ? podIP : plain(args[at]);
        if (!isLoopback(address) || isHostsResolver(args[at], args[at + 1])) return original.apply(this, args);
        const real = realPlace(address, args[at + 1]);
        if (real === undefined) return UV_ECONNREFUSED;
        // Fails where the program has chosen its own address already.
        if (!oneLoopback) bind.call(this, podIP, 0, 0);
        remember(this, { address, port: args[at + 1] }, real);
        args[at] = real.address;
        args[at + 1] = real.port;
        return connect.apply(this, args);
      };
    prototype.connect = dialAs(connect);
    prototype.connect6 = dialAs(prototype.connect6);
    if (protocol === 'UDP') {
      const { send } = prototype;
      /** A second socket behind one that may be sending anywhere: what goes to loopback comes from the Pod's address. */
      const senderOf = (handle) => {
        if (handle.skiffSender) return handle.skiffSender;
        const sender = new UDP();
        if (bind.call(sender, podIP, 0, 0) !== 0) return handle;
        // By one of its symbols, node:dgram finds its socket when something arrives.
        for (const key of Object.getOwnPropertySymbols(handle)) if (!(key in sender)) sender[key] = handle[key];
        sender.onmessage = handle.onmessage;
        prototype.recvStart.call(sender);
        // The first one says whether it is waited for.
        sender.unref();
        handle.skiffSender = sender;
        return sender;
      };
      const sendAs = (original) =>
        function (...args) {
          // (request, list, length, port, address, callback); without address and port where it is connected
          const [port, given] = args.slice(3);
          if (typeof given !== 'string') return (this.skiffIsIPv4 ? send : original).apply(this, args);
          // One that listens may be answering somebody who is on the host's own address.
          const address = isOwn(given) && !this.skiffIsIPv4 ? podIP : plain(given);
          if (isHostsResolver(given, port)) return original.apply(this, args);
          const real = isLoopback(address) ? realPlace(address, port) : { address, port };
          if (real === undefined) return UV_ECONNREFUSED;
          const isSender = isLoopback(address) && !oneLoopback && !this.skiffIsIPv4;
          const handle = isSender ? senderOf(this) : this;
          remember(handle, { address, port }, real);
          args.splice(3, 2, real.port, real.address);
          if (isSender) return send.apply(handle, args);
          return (real.address.includes(':') ? original : send).apply(this, args);
        };
      prototype.send = sendAs(send);
      prototype.send6 = sendAs(prototype.send6);
      const { recvStart } = prototype;
      prototype.recvStart = function () {
        const { onmessage } = this;
        this.onmessage = function (bytes, handle, buffer, from) {
          tellAsked(handle, from);
          return onmessage.call(this, bytes, handle, buffer, from);
        };
        return recvStart.call(this);
      };
    }
  }
};
