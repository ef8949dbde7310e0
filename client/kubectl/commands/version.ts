import { defineCommand } from '../command.ts';
import { bool, text } from '../flags.ts';
import { objectPrinter } from '../print/object-printer.ts';

/** What this kubectl speaks. */
const clientVersion = {
  gitVersion: 'v1.36.0+skiff',
  major: '1',
  minor: '36',
  platform: `${process.platform}/${process.arch}`,
};

/** `kubectl version`: this program's and the server's. */
export const command = defineCommand({
  usage: 'version',
  summary: 'Print the client and server version information.',
  flags: { client: bool(), output: text('o') },
  async run(session, { flags }) {
    const serverVersion = flags.client
      ? undefined
      : await session.client.request<{ gitVersion: string }>({
          method: 'GET',
          path: '/version',
          signal: session.signal,
        });
    if (flags.output) {
      const versions = { clientVersion, ...(serverVersion && { serverVersion }) };
      // It is printed as if it were an object.
      session.io.out(
        objectPrinter(flags.output).format(
          versions as unknown as Parameters<ReturnType<typeof objectPrinter>['format']>[0],
        ),
      );
      return;
    }
    session.out(`Client Version: ${clientVersion.gitVersion}`);
    if (serverVersion) session.out(`Server Version: ${serverVersion.gitVersion}`);
  },
});
