import type { Node, Pod } from '@skiff/api/types';
import { isPodFinished } from '../pod-state.ts';
import { NodeInfo, uidOf } from './node-info.ts';

/**
 * Nodes and the Pods on them as the scheduler sees them: what the API server has told, and on top of it what was decided
 * and hasn't come back yet, so that a hundred Pods that arrive at once don't all go where there is room for one.
 */
export class ClusterState {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Every Pod that has a node, by its uid. */
  readonly #placed = new Map<string, { pod: Pod; node: string; assumed: boolean }>();

  nodes(): NodeInfo[] {
    return [...this.#nodes.values()];
  }

  setNode(node: Node): void {
    const name = node.metadata.name;
    const pods = [...this.#placed.values()].filter((placed) => placed.node === name).map(({ pod }) => pod);
    this.#nodes.set(name, new NodeInfo(node, pods));
  }

  removeNode(name: string): void {
    this.#nodes.delete(name);
  }

  /** Takes note of a Pod as the API server shows it. */
  setPod(pod: Pod): void {
    const node = pod.spec?.nodeName;
    // Not bound yet: an assumption about it stays.
    if (!node && !isPodFinished(pod)) return;
    this.#remove(uidOf(pod));
    if (node && !isPodFinished(pod)) this.#place(pod, node, false);
  }

  removePod(pod: Pod): void {
    this.#remove(uidOf(pod));
  }

  /** Counts a Pod as running on a node from now on. */
  assume(pod: Pod, node: string): void {
    this.#remove(uidOf(pod));
    this.#place(pod, node, true);
  }

  isPlaced(pod: Pod): boolean {
    return this.#placed.has(uidOf(pod));
  }

  /** Takes an assumption back; does nothing once it has come true. */
  forget(pod: Pod): void {
    if (this.#placed.get(uidOf(pod))?.assumed) this.#remove(uidOf(pod));
  }

  #place(pod: Pod, node: string, assumed: boolean): void {
    this.#placed.set(uidOf(pod), { pod, node, assumed });
    this.#nodes.get(node)?.add(pod);
  }

  #remove(uid: string): void {
    const placed = this.#placed.get(uid);
    if (!placed) return;
    this.#placed.delete(uid);
    this.#nodes.get(placed.node)?.remove(placed.pod);
  }
}
