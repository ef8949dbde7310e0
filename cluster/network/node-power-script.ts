import { nodeName } from './addresses.ts';

/**
 * Cuts a node's power, for a POSIX shell in the LAN's namespace: off the network first, so that nothing of its end is heard.
 * Nothing is removed below a mount point: that could be a folder of the host's.
 */
export function stopNodeScript(
  index: number,
  { namespaces, stateDir }: { namespaces: readonly string[]; stateDir: string },
): string {
  const name = nodeName(index);
  return `ip link set ${name} down
for try in 1 2 3 4 5; do
  pids=$(for namespace in ${[name, ...namespaces].join(' ')}; do ip netns pids "$namespace" 2>/dev/null; done)
  [ -n "$pids" ] || break
  kill -9 $pids 2>/dev/null
  sleep 0.05
done
for pod in ${namespaces.join(' ')}; do ip netns del "$pod" 2>/dev/null; done
for mount in $(awk -v under='${stateDir}/' 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo | sort -r); do
  umount -l "$mount" 2>/dev/null
done
grep -q ' ${stateDir}/' /proc/self/mountinfo || rm -rf '${stateDir}'
true
`;
}

export function startNodeScript(index: number): string {
  return `ip link set ${nodeName(index)} up`;
}
