import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../exec.ts';
import { NamespacedPodNetwork } from '../network/namespaced-pod-network.ts';
import type { CallAnswer, CallRequest } from './contract-peer.ts';

export const NODE_IP = '172.18.0.2';
/** On the node, for clients on the host. */
export const HOST_IP = '172.18.255.254';
export const OUTSIDE_IP = '172.18.0.1';
export const POD_CIDR = '10.244.1.0/24';

type Place = { ip: string; port: number; protocol?: 'TCP' | 'UDP'; localAddress?: string; localPort?: number };

/** Somebody in the contract's network. */
export class Peer {
  readonly ip: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (text: string) => void>();
  #last = 0;

  static async start(name: string, options: { ip: string; networkNamespace?: string }): Promise<Peer> {
    const program = [process.execPath, fileURLToPath(import.meta.resolve('./contract-peer.ts')), name];
    const enter = options.networkNamespace === undefined ? [] : ['nsenter', `--net=${options.networkNamespace}`];
    const [command = '', ...args] = [...enter, ...program];
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    return new Peer(child, options.ip);
  }

  private constructor(child: ChildProcess, ip: string) {
    this.ip = ip;
    this.#child = child;
    child.on('message', (message) => {
      // Sent by contract-peer.ts.
      const { id, text } = message as CallAnswer;
      this.#waiting.get(id)?.(text);
      this.#waiting.delete(id);
    });
  }

  /** Answers with `NAME CALLER`, or an error code. */
  call({ protocol = 'TCP', ...place }: Place): Promise<string> {
    this.#last += 1;
    const request: CallRequest = { id: this.#last, protocol, ...place };
    return new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      this.#child.send(request);
    });
  }

  /** The names of those who answered `count` calls, or error codes; sorted, each once. */
  async callers(place: Place, count = 24): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.call(place)));
    return [...new Set(answers.map((answer) => answer.split(' ')[0] ?? ''))].sort();
  }

  close(): void {
    this.#child.disconnect();
  }
}

/** A node (the namespaces of this process), three Pods on it and a client outside. */
export interface ContractNetwork {
  readonly node: Peer;
  readonly outside: Peer;
  readonly a: Peer;
  readonly b: Peer;
  readonly c: Peer;
  close(): Promise<void>;
}

export async function contractNetwork(): Promise<ContractNetwork> {
  mkdirSync('/run/netns', { recursive: true });
  const stateDir = mkdtempSync(join(tmpdir(), 'skiff-proxy-'));
  await run('sh', [
    '-ec',
    `echo 1 >/proc/sys/net/ipv4/ip_forward
    printf '%s\\n' 'link set lo up' 'netns add outside' 'link add lan type veth peer name eth0 netns outside' \\
      'addr add ${NODE_IP}/16 dev lan' 'addr replace ${HOST_IP}/32 dev lo' 'link set lan up' 'route add default via ${OUTSIDE_IP}' | ip -batch -
    printf '%s\\n' 'link set lo up' 'link set eth0 up' 'addr add ${OUTSIDE_IP}/16 dev eth0' \\
      'route add 10.244.0.0/16 via ${NODE_IP}' 'route add 203.0.113.0/24 via ${NODE_IP}' | ip -netns outside -batch -`,
  ]);
  const pods = new NamespacedPodNetwork({ podCIDR: POD_CIDR, stateDir, nodeGateway: '10.244.1.1' });
  const pod = async (name: string) => Peer.start(name, await pods.setUp(name));
  const [node, outside, a, b, c] = await Promise.all([
    Peer.start('node', { ip: NODE_IP }),
    Peer.start('outside', { ip: OUTSIDE_IP, networkNamespace: '/run/netns/outside' }),
    pod('a'),
    pod('b'),
    pod('c'),
  ]);
  return {
    ...{ node, outside, a, b, c },
    close: async () => {
      for (const peer of [node, outside, a, b, c]) peer.close();
      for (const name of ['a', 'b', 'c']) await pods.tearDown(name);
      await run('ip', ['-batch', '-'], { input: 'link del lan\nnetns del outside\n' });
      rmSync(stateDir, { recursive: true });
    },
  };
}
