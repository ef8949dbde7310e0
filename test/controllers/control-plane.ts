import { systemClock } from '@skiff/api/clock';
import { keyOf } from '@skiff/api/meta';
import type { Deployment, Node, Pod } from '@skiff/api/types';
import { TestServer } from '@skiff/apiserver/testing';
import { Client } from '@skiff/client/client';
import { EventRecorder } from '@skiff/client/events';
import { Informers } from '@skiff/client/informers';
import type { Controller, ControllerContext } from '@skiff/controllers/controller';

const ignore = (): void => undefined;

/** A real API server with controllers, and nodes whose Pods run as far as the test says. Dispose of it at the end. */
export class ControlPlane implements AsyncDisposable {
  readonly client: Client;
  readonly #server: TestServer;
  readonly #controllers: readonly Controller[];
  readonly #recorders: EventRecorder[];
  readonly #end = new AbortController();
  #addresses = 0;

  private constructor(server: TestServer, make: readonly (new (context: ControllerContext) => Controller)[]) {
    this.#server = server;
    this.client = new Client({ server: `unix:${server.socketPath}` });
    const informers = new Informers(this.client);
    const recorders: EventRecorder[] = [];
    const recorder = (component: string): EventRecorder => {
      const made = new EventRecorder(this.client, { component });
      recorders.push(made);
      return made;
    };
    const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    this.#recorders = recorders;
    this.#controllers = make.map(
      (Kind) => new Kind({ client: this.client, informers, recorder, logger, clock: systemClock }),
    );
    informers.start({ signal: this.#end.signal });
    this.#synced = informers.synced();
  }

  readonly #synced: Promise<void>;

  static async start(...make: (new (context: ControllerContext) => Controller)[]): Promise<ControlPlane> {
    const plane = new ControlPlane(await TestServer.start(), make);
    await plane.#synced;
    // No Pod is admitted without it.
    await plane.client.resource('ServiceAccount').create({ metadata: { name: 'default', namespace: 'default' } });
    for (const controller of plane.#controllers) controller.start({ signal: plane.#end.signal });
    return plane;
  }

  /** A node that is ready and has room. */
  addNode(name: string, allocatable: Record<string, string> = { cpu: '4', memory: '8Gi', pods: '110' }): Promise<Node> {
    const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    return this.client
      .resource('Node')
      .create({ metadata: { name, labels: { 'topology.kubernetes.io/zone': `zone-${name}` } } })
      .then((node) => {
        const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: time, lastHeartbeatTime: time }];
        return this.client.resource('Node').updateStatus({ ...node, status: { allocatable, conditions } });
      })
      .then((node) => this.client.resource('Node').update({ ...node, spec: { ...node.spec, taints: [] } }));
  }

  /** Does what a node's agent would: every Pod that has a node runs and is ready, those that are asked to end do. */
  async runPods(): Promise<void> {
    const pods = this.client.resource('Pod');
    const { items } = await pods.list();
    await Promise.all(
      items.map(async (pod) => {
        if (!pod.spec?.nodeName) return;
        if (pod.metadata.deletionTimestamp) await pods.delete(keyOf(pod), { gracePeriodSeconds: 0 });
        else if (!pod.status?.podIP) await this.setStatus(pod, { ready: true });
      }),
    );
  }

  async setStatus(pod: Pod, { ready }: { ready: boolean }): Promise<void> {
    const podIP = pod.status?.podIP ?? `10.244.${this.#addresses >> 8}.${++this.#addresses & 255}`;
    const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }];
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
    await this.client.resource('Pod').patch(keyOf(pod), { status }, { type: 'strategic', subresource: 'status' });
  }

  /** The messages of the Events with this reason. */
  async events(reason: string): Promise<string[]> {
    await Promise.all(this.#recorders.map((recorder) => recorder.flush()));
    const { items } = await this.client.resource('Event').list();
    return items.filter((event) => event.reason === reason).map((event) => event.message ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.close()));
    await Promise.all(this.#recorders.map((recorder) => recorder.flush()));
    this.#end.abort();
    this.client.close();
    await this.#server[Symbol.asyncDispose]();
  }
}

export function deploymentOf(name: string, replicas: number, image = 'img:1'): Omit<Deployment, 'apiVersion' | 'kind'> {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
    },
  };
}
