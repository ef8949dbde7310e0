import { spawnSync } from 'node:child_process';

/**
 * Runs this program, a test file, in a network namespace of its own from here on: its clusters open ports of a host that is theirs alone, so
 * that files may run side by side, and beside whatever else the machine does. To be imported before anything that acts. Where
 * namespaces are refused it runs where it is.
 */
const variable = 'SKIFF_OWN_NETWORK';

if (process.env[variable] === undefined && process.platform === 'linux') {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  // A user that keeps its name has no rights in its namespace but those that it was given for this.
  const give = user.length === 0 ? '' : 'setpriv --ambient-caps=-all --inh-caps=-all -- ';
  const enter = [...user, '--net', 'sh', '-c', `ip link set lo up && exec ${give}"$@"`, 'own-network'];
  if (spawnSync('unshare', [...enter, 'true']).status === 0) {
    const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const env = { ...process.env, [variable]: '1' };
    const { status } = spawnSync('unshare', [...enter, ...self], { stdio: 'inherit', env });
    process.exit(status ?? 1);
  }
}
