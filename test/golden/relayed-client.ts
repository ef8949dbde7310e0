import { Client } from '@skiff/client/client';
import type { Response } from '@skiff/client/transport';

/** A client that keeps the head and the text of the last answer, which its own methods do not tell. */
export class RelayedClient extends Client {
  code = 0;
  contentType = '';
  answer = '';

  override async stream(options: Parameters<Client['stream']>[0]): Promise<Response> {
    const response = await super.stream(options);
    this.code = response.statusCode ?? 0;
    this.contentType = response.headers['content-type'] ?? '';
    return response;
  }

  override async text(options: Parameters<Client['text']>[0]): Promise<string> {
    this.answer = await super.text(options);
    return this.answer;
  }
}
