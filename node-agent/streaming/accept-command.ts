import { acceptSpdy, acceptWebSocket, isWebSocket, type Upgrade } from './accept-upgrade.ts';
import type { RemoteCommand, RemoteCommandOptions } from './remote-command.ts';
import { SpdyCommand, spdyCommandProtocols } from './spdy-command.ts';
import { commandProtocols, WebSocketCommand } from './web-socket-command.ts';

/** Takes the connection of a client that runs a command, in the protocol that it speaks. Rejects with 400 where that is none of ours. */
export async function acceptCommand(upgrade: Upgrade, options: RemoteCommandOptions): Promise<RemoteCommand> {
  if (isWebSocket(upgrade)) {
    const { webSocket } = await acceptWebSocket(upgrade, commandProtocols);
    return new WebSocketCommand(webSocket, options);
  }
  acceptSpdy(upgrade, spdyCommandProtocols);
  return SpdyCommand.accept(upgrade.socket, { ...options, head: upgrade.head });
}
