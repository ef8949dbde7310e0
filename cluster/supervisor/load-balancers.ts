import type { ChildProcess } from 'node:child_process';
import type { LoadBalancerProvider, LoadBalancerRequest } from '@skiff/controllers/load-balancer/provider';

/** What the controllers ask of the host over their channel: an address for a Service, or to give one back. */
type Question =
  | { readonly type: 'load-balancer'; readonly id: number; readonly reserve: LoadBalancerRequest }
  | { readonly type: 'load-balancer'; readonly id: number; readonly release: string };

/** Answers the controllers' questions from the host's own load balancer. */
export function serveLoadBalancers(child: ChildProcess, provider: LoadBalancerProvider): void {
  child.on('message', (message: Question) => {
    if (message?.type !== 'load-balancer') return;
    const answer = 'reserve' in message ? provider.reserve(message.reserve) : provider.release(message.release);
    answer.then(
      (result) => child.connected && child.send({ type: 'load-balancer', id: message.id, result }),
      (error: Error) => child.connected && child.send({ type: 'load-balancer', id: message.id, error: error.message }),
    );
  });
}
