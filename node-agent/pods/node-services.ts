import type { Node, Service } from '@skiff/api/types';
import type { Client } from '@skiff/client/client';
import type { EventRecorder } from '@skiff/client/events';
import type { Clock } from '../clock.ts';
import type { AgentConfig } from '../config.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { ContainerProbes, PodProbesOptions } from '../probes/pod-probes.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { ReferencedObjects } from '../volumes/referenced-objects.ts';
import type { Allocatable } from './resource-field.ts';
import type { StatusWriter } from './status-writer.ts';

/** What a node has for its Pods: every worker uses the same ones. */
export interface NodeServices {
  readonly config: AgentConfig;
  readonly client: Client;
  readonly clock: Clock;
  readonly runtime: ContainerRuntime;
  readonly podNetwork: PodNetwork;
  readonly images: Pick<ImageStore, 'resolve'>;
  readonly events: EventRecorder;
  readonly objects: ReferencedObjects;
  readonly volumes: PodVolumes;
  /** Makes what probes the containers of one Pod. */
  readonly probes: (options: PodProbesOptions) => ContainerProbes;
  readonly statuses: StatusWriter;
  readonly allocatable: () => Allocatable;
  /** The Node object as it was seen last. */
  readonly thisNode: () => Node | undefined;
  /** The cluster's Services, when they have been read at least once. */
  readonly services: () => Promise<readonly Service[]>;
}
