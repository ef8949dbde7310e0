import { askDns, askDnsByUdp } from './dns-query.ts';
import { type ConnectionTrial, type TrialOptions, tryConnection } from './try-connection.ts';

export interface DnsTrialOptions extends Pick<TrialOptions, 'host' | 'port' | 'dial' | 'answerMs'> {
  readonly protocol: 'TCP' | 'UDP';
}

/** What every cluster's DNS knows; another server's refusal to tell is an answer as well. */
const question = 'kubernetes.default.svc.cluster.local';

/**
 * Asks what should be a DNS server a question, and tells what came back. A datagram has no connection: over UDP, whoever answers is
 * connected. Never rejects.
 */
export async function tryDns({
  host,
  port,
  protocol,
  dial,
  answerMs = 2000,
}: DnsTrialOptions): Promise<ConnectionTrial> {
  const began = performance.now();
  const signal = AbortSignal.timeout(answerMs);
  const elapsed = (): number => Math.round((performance.now() - began) * 10) / 10;
  try {
    const { code, answers } =
      protocol === 'UDP'
        ? await askDnsByUdp({ host, port, name: question }, signal)
        : await askDns(await dial({ host, port }, signal), question, signal);
    return {
      connected: true,
      ms: elapsed(),
      answer: `DNS ${code}${answers.length > 0 ? `, ${answers.join(', ')}` : ''}`,
    };
  } catch (error) {
    // Over TCP it may be that somebody is there who speaks something else, and that is for the other trial to tell.
    if (protocol === 'TCP') return tryConnection({ host, port, dial, answerMs });
    return { connected: false, ms: elapsed(), error: error instanceof Error ? error.message : String(error) };
  }
}
