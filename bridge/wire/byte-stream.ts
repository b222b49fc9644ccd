import { Duplex } from 'node:stream';

/** How a stream's bytes travel; each chunk is confirmed when the other side has room for more. */
export interface StreamWire {
  data(chunk: Uint8Array, confirmed: () => void): void;
  /** `null`: this side sends no more. A text: the stream is broken, in both directions. */
  end(error: string | null): void;
}

const CHUNK_BYTES = 64 * 1024;
/** Bytes on the way before the writer has to wait. */
const WINDOW_BYTES = 512 * 1024;

/** One end of a byte stream that shares a connection with others. Flow control is by confirmation, half-close is kept. */
export class ByteStream extends Duplex {
  readonly #wire: StreamWire;
  #inFlight = 0;
  #resume: (() => void) | null = null;
  #owed: (() => void)[] = [];
  #sentEnd = false;

  constructor(wire: StreamWire) {
    super({ allowHalfOpen: true });
    this.#wire = wire;
  }

  /** Bytes from the other end; `confirm` is called when there is room for more. */
  receive(chunk: Uint8Array, confirm: () => void): void {
    if (this.destroyed || this.push(Buffer.from(chunk))) confirm();
    else this.#owed.push(confirm);
  }

  /** The other end said that it ends. */
  receiveEnd(error: string | null): void {
    if (error === null) {
      this.push(null);
      return;
    }
    this.#sentEnd = true;
    this.destroy(new Error(error));
  }

  override _read(): void {
    for (const confirm of this.#owed.splice(0)) confirm();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let from = 0; from < chunk.length; from += CHUNK_BYTES) {
      const part = chunk.subarray(from, from + CHUNK_BYTES);
      this.#inFlight += part.length;
      this.#wire.data(part, () => this.#confirmed(part.length));
    }
    if (this.#inFlight < WINDOW_BYTES) done();
    else this.#resume = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#end(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Both directions may be finished already; then the other end needs no word.
    if (!(this.writableFinished && this.readableEnded)) this.#end(error?.message ?? 'closed');
    for (const confirm of this.#owed.splice(0)) confirm();
    this.#resume?.();
    this.#resume = null;
    done(error);
  }

  #end(error: string | null): void {
    if (this.#sentEnd) return;
    this.#sentEnd = error !== null;
    this.#wire.end(error);
  }

  #confirmed(bytes: number): void {
    this.#inFlight -= bytes;
    if (this.#inFlight >= WINDOW_BYTES || !this.#resume) return;
    const resume = this.#resume;
    this.#resume = null;
    resume();
  }
}
