import { HOST_ADDRESS, LAN_ADDRESS, LAN_BRIDGE, LAN_PREFIX, nodeAddress, nodeName, podCIDR } from './addresses.ts';

/**
 * The program of the cluster's first process, for a POSIX shell. It says each step on its standard output before it does it, then
 * `ready`, and then lives until its standard input ends, which happens however its parent dies; everything in its PID
 * namespace dies with it. Shells reap orphans only while they `wait`, so something else does the reading.
 */
export function initScript(nodes: readonly number[]): string {
  return `set -e
exec 3<&0
read -r pid rest </proc/self/stat
echo "init $pid"
echo 'step private mounts'
mount --make-rprivate /
echo 'step mount /proc'
mount -t proc proc /proc
echo 'step mount /run'
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns
echo 'step kernel settings'
${routerSettings}
echo 'step lan'
${ipBatch(lanCommands())}
${nodes.length === 0 ? '' : addNodesScript(nodes, nodes)}
echo ready
cat <&3 >/dev/null &
wait $!
`;
}

/** Adds the nodes of `added`; `all` are those that are there afterwards. Runs in the LAN's namespace. */
export function addNodesScript(added: readonly number[], all: readonly number[]): string {
  const there = all.filter((index) => !added.includes(index));
  return `echo 'step nodes'
${ipBatch(added.flatMap(nodeLinkCommands))}
pids=
${added.map((index) => inBackground(index, `${routerSettings}\n${ipBatch(nodeCommands(index, all))}`)).join('\n')}
${there.map((index) => inBackground(index, ipBatch(added.map(podRoute)))).join('\n')}
for pid in $pids; do wait "$pid"; done
`;
}

/** Takes a node away again; succeeds where parts of it are gone already. */
export function removeNodeScript(index: number, remaining: readonly number[]): string {
  const name = nodeName(index);
  const route = `route del ${podCIDR(index)}`;
  return `${ipBatch([route, `link del ${name}`, `netns del ${name}`], { force: true })}
pids=
${remaining.map((other) => inBackground(other, ipBatch([route], { force: true }))).join('\n')}
for pid in $pids; do wait "$pid"; done
`;
}

/** IPv4 settings of a new namespace are copied from the host's: so each that matters is set. */
const routerSettings = `cd /proc/sys/net/ipv4
echo 1 >ip_forward
echo 0 >conf/all/rp_filter
echo 0 >conf/default/rp_filter
cd /`;

function lanCommands(): string[] {
  return [
    'link set lo up',
    // With an address of its own, a bridge doesn't change it as ports come and go, which would spoil everyone's ARP caches.
    `link add ${LAN_BRIDGE} address 02:5c:1f:00:00:01 type bridge stp_state 0 forward_delay 0`,
    `addr add ${LAN_ADDRESS}/${LAN_PREFIX} dev ${LAN_BRIDGE}`,
    `link set ${LAN_BRIDGE} up`,
  ];
}

function nodeLinkCommands(index: number): string[] {
  const name = nodeName(index);
  return [
    `netns add ${name}`,
    `link add ${name} type veth peer name eth0 netns ${name}`,
    `link set ${name} master ${LAN_BRIDGE} up`,
    podRoute(index),
  ];
}

function nodeCommands(index: number, all: readonly number[]): string[] {
  return [
    'link set lo up',
    `addr add ${HOST_ADDRESS}/32 dev lo`,
    'link set eth0 up',
    `addr add ${nodeAddress(index)}/${LAN_PREFIX} dev eth0`,
    `route add default via ${LAN_ADDRESS}`,
    // Each Pod brings a /32; without this, a packet to a Pod that is gone would go round by the default route.
    `route add unreachable ${podCIDR(index)}`,
    ...all.filter((other) => other !== index).map(podRoute),
  ];
}

function podRoute(index: number): string {
  return `route add ${podCIDR(index)} via ${nodeAddress(index)}`;
}

function inBackground(index: number, script: string): string {
  return `nsenter --net=/run/netns/${nodeName(index)} sh -ec '${script}' &
pids="$pids $!"`;
}

/** One process for many commands; by a pipe, because a here-document wants a writable temporary folder in some shells. */
function ipBatch(commands: readonly string[], options: { force?: boolean } = {}): string {
  const lines = commands.map((command) => `"${command}"`).join(' ');
  return options.force === true
    ? `printf "%s\\n" ${lines} | ip -force -batch - 2>/dev/null || true`
    : `printf "%s\\n" ${lines} | ip -batch -`;
}
