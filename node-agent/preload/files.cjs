'use strict';

const fs = require('node:fs');
const { normalize } = require('node:path');

/** Functions of node:fs and node:fs/promises whose first argument is a path. Those with `Sync` at the end are meant too. */
const onePath = [
  ...['access', 'appendFile', 'chmod', 'chown', 'createReadStream', 'createWriteStream', 'exists', 'lchmod', 'lchown'],
  ...['lstat', 'lutimes', 'mkdir', 'mkdtemp', 'open', 'openAsBlob', 'opendir', 'readFile', 'readdir', 'readlink'],
  ...['realpath', 'rm', 'rmdir', 'stat', 'statfs', 'truncate', 'unlink', 'unwatchFile', 'utimes', 'watch', 'watchFile'],
  'writeFile',
];
const twoPaths = ['copyFile', 'cp', 'link', 'rename'];

/**
 * Turns file access at and below the container's mounts into access of what is mounted there. Answers with the function that finds
 * the real path of one that is given.
 */
module.exports = (root) => {
  const { mounts } = JSON.parse(fs.readFileSync(`${root}.json`, 'utf8'));

  const redirectText = (text) => {
    if (!text.startsWith('/')) return text;
    const path = normalize(text);
    for (const { target, source } of mounts)
      if (path === target || path.startsWith(`${target}/`)) return source + path.slice(target.length);
    return text;
  };
  /** Paths may be texts, buffers and URLs; a number is an open file. */
  const redirect = (path) => {
    if (typeof path === 'string') return redirectText(path);
    if (path instanceof URL && path.protocol === 'file:') return redirectText(decodeURIComponent(path.pathname));
    if (Buffer.isBuffer(path)) return Buffer.from(redirectText(path.toString()));
    return path;
  };

  const wrap = (owner, name, paths) => {
    const original = owner[name];
    if (typeof original !== 'function') return;
    const changed = function (...args) {
      for (let index = 0; index < paths; index += 1) args[index] = redirect(args[index]);
      return Reflect.apply(original, this, args);
    };
    // Among them are what util.promisify looks for, and realpath.native.
    Object.defineProperties(changed, Object.getOwnPropertyDescriptors(original));
    owner[name] = changed;
  };
  for (const owner of [fs, fs.promises])
    for (const [names, paths] of [
      [onePath, 1],
      [twoPaths, 2],
    ])
      for (const name of names) for (const variant of [name, `${name}Sync`]) wrap(owner, variant, paths);
  for (const owner of [fs.realpath, fs.realpathSync]) wrap(owner, 'native', 1);

  // The first path of a symbolic link is what it says, not what is accessed.
  for (const [owner, name] of [
    [fs, 'symlink'],
    [fs, 'symlinkSync'],
    [fs.promises, 'symlink'],
  ]) {
    const original = owner[name];
    owner[name] = (target, path, ...rest) => original(target, redirect(path), ...rest);
  }
  const { chdir } = process;
  process.chdir = (folder) => chdir(redirect(folder));
  return redirect;
};
