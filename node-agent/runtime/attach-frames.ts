/** What goes between an interactive container's shim and those who attached to it. */
export const attachChannels = { stdin: 0, stdout: 1, stderr: 2, resize: 3, stdinEnd: 4 } as const;

export interface AttachFrame {
  readonly channel: number;
  readonly data: Buffer;
}

const HEAD_BYTES = 5;

/** A byte for the channel, four for the length, the data. */
export function attachFrame(channel: number, data: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(channel, 0);
  head.writeUInt32BE(data.length, 1);
  return Buffer.concat([head, data]);
}

/** Cuts what comes over a socket into frames. */
export class AttachFrames {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): AttachFrame[] {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const frames: AttachFrame[] = [];
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      frames.push({ channel: rest.readUInt8(0), data: rest.subarray(HEAD_BYTES, end) });
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}
