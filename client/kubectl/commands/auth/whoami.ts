import type { KubeObject } from '@skiff/api/meta';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { objectPrinter } from '../../print/object-printer.ts';
import { TabWriter, tableTabs } from '../../print/tab-writer.ts';

/** `kubectl auth whoami`: who one is to the server. */
export const command = defineCommand({
  usage: 'auth whoami',
  summary: 'Check self subject attributes.',
  flags: { output: text('o') },
  async run(session, { flags }) {
    const review = await session.client.request<
      KubeObject & {
        status: { userInfo: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> } };
      }
    >({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      signal: session.signal,
    });
    if (flags.output) {
      session.io.out(objectPrinter(flags.output).format(review));
      return;
    }
    const { username, uid, groups, extra } = review.status.userInfo;
    const rows = [
      'ATTRIBUTE\tVALUE',
      ...(username ? [`Username\t${username}`] : []),
      ...(uid ? [`UID\t${uid}`] : []),
      ...(groups?.length ? [`Groups\t[${groups.join(' ')}]`] : []),
      ...Object.entries(extra ?? {})
        .toSorted()
        .map(([name, values]) => `Extra: ${name}\t[${values.join(' ')}]`),
    ];
    session.io.out(new TabWriter(tableTabs).format(rows.map((row) => `${row}\n`).join('')));
  },
});
