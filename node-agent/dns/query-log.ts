import { type DecodedPacket, decode } from 'dns-packet';
import type { Asker } from './dns-server.ts';

const codes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** A query and its answer on one line, in the form of CoreDNS' plugin `log`. Undefined where the query can't be read. */
export function queryLogLine(about: {
  query: Buffer;
  answer: Buffer;
  asker: Asker;
  seconds: number;
}): string | undefined {
  const { query, answer, asker, seconds } = about;
  try {
    const asked = decode(query);
    const [question] = asked.questions ?? [];
    if (question === undefined) return undefined;
    const option = asked.additionals?.find(({ type }) => type === 'OPT');
    const { flag_do: dnssec, udpPayloadSize } =
      option?.type === 'OPT' ? option : { flag_do: false, udpPayloadSize: asker.transport === 'tcp' ? 65_535 : 512 };
    const name = question.name.endsWith('.') ? question.name : `${question.name}.`;
    const request = `${question.type} ${question.class ?? 'IN'} ${name} ${asker.transport} ${query.length} ${dnssec} ${udpPayloadSize}`;
    const answered = decode(answer);
    const code = codes[(answered.flags ?? 0) & 15] ?? String((answered.flags ?? 0) & 15);
    const from = `${asker.address}:${asker.port} - ${asked.id}`;
    return `[INFO] ${from} "${request}" ${code} ${flagsOf(answered)} ${answer.length} ${seconds.toFixed(9)}s`;
  } catch {
    return undefined;
  }
}

function flagsOf(answer: DecodedPacket): string {
  const flags = { qr: true, aa: answer.flag_aa, tc: answer.flag_tc, rd: answer.flag_rd, ra: answer.flag_ra };
  return Object.entries(flags)
    .filter(([, set]) => set)
    .map(([flag]) => flag)
    .join(',');
}
