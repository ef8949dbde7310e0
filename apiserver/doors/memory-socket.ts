import { Duplex } from 'node:stream';

/** One end of a connection within a process: as much of a net.Socket as node:http uses. What is written at one end is read at the other. */
export class MemorySocket extends Duplex {
  #other: MemorySocket | undefined;
  /** The other end waits with its next write until this is read. */
  #taken: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** Two ends that belong together. */
  static pair(): [MemorySocket, MemorySocket] {
    const ends: [MemorySocket, MemorySocket] = [new MemorySocket(), new MemorySocket()];
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return ends;
  }

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#touch();
    // As over a network, nothing arrives while it is being written.
    setImmediate(() => {
      const other = this.#other;
      if (!other || other.destroyed) return done();
      other.#touch();
      if (other.push(chunk)) done();
      else other.#taken = done;
    });
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: () => void): void {
    setImmediate(() => {
      if (this.#other?.destroyed === false) this.#other.push(null);
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#taken?.();
    const other = this.#other;
    if (other && !other.destroyed) setImmediate(() => other.destroy());
    done(error);
  }

  /** Emits `timeout` after so many milliseconds without a byte; 0 is never, and takes the listener back. */
  setTimeout(ms: number, callback?: () => void): this {
    clearTimeout(this.#idle);
    this.#idle = ms > 0 && !this.destroyed ? setTimeout(() => this.emit('timeout'), ms).unref() : undefined;
    if (callback && ms === 0) this.off('timeout', callback);
    else if (callback) this.once('timeout', callback);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #touch(): void {
    this.#idle?.refresh();
  }
}
