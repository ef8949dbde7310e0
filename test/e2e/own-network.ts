import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs this program, a test file, in a network namespace of its own from here on: its clusters open ports of a host that is theirs alone, so
 * that files may run side by side, and beside whatever else the machine does. To be imported before anything that acts. Where
 * namespaces are refused it runs where it is.
 */
const variable = 'SKIFF_OWN_NETWORK';
const project = join(import.meta.dirname, '..', '..');
const isRoot = process.getuid?.() === 0;

if (process.env[variable] === undefined && process.platform === 'linux') {
  const place = isRoot && !isOpenToAll() ? openPlace() : project;
  const enter = entrance(place);
  if (spawnSync('unshare', [...enter, 'true'], { cwd: '/' }).status === 0) {
    const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const there = self.map((argument) => argument.replace(project, place));
    const { status } = spawnSync('unshare', [...enter, ...there], {
      stdio: 'inherit',
      env: { ...process.env, [variable]: '1' },
    });
    if (place !== project) rmSync(place, { recursive: true });
    process.exit(status ?? 1);
  }
}

function entrance(place: string): string[] {
  if (place !== project) {
    const script = `ip link set lo up && mount --bind ${project} ${place} && cd ${place} && exec "$@"`;
    return ['--net', '--mount', '--propagation', 'private', 'sh', '-c', script, 'own-network'];
  }
  if (isRoot) return ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'own-network'];
  // A user that keeps its name has no rights in its namespace but those that it is given for this.
  const script = 'ip link set lo up && exec setpriv --ambient-caps=-all --inh-caps=-all -- "$@"';
  return ['--user', '--map-current-user', '--keep-caps', '--net', 'sh', '-c', script, 'own-network'];
}

/** Whether ordinary users, as whom root's tests start clusters, can read the project where it is. */
function isOpenToAll(): boolean {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--', 'test', '-r', import.meta.filename];
  return spawnSync('setpriv', nobody).status === 0;
}

/** A folder for it to be mounted on, in the namespace of this program only. */
function openPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'skiff-project-'));
  chmodSync(place, 0o755);
  return place;
}
