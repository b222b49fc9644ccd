import { ByteStream } from './byte-stream.ts';

/** What both ends of the connection say about streams. */
export interface StreamLink {
  data(streamId: string, chunk: Uint8Array, confirmed: () => void): void;
  end(streamId: string, error: string | null): void;
}

/** The streams that share one connection. */
export interface StreamTable {
  open(streamId: string): ByteStream;
  onData(streamId: string, chunk: Uint8Array, confirm: () => void): void;
  onEnd(streamId: string, error: string | null): void;
  /** Breaks all of them, when the connection is lost. */
  breakAll(why: string): void;
}

export function createStreamTable(link: StreamLink): StreamTable {
  const streams = new Map<string, ByteStream>();
  return {
    open: (streamId) => {
      const stream = new ByteStream({ data: (chunk, confirmed) => link.data(streamId, chunk, confirmed), end: (error) => link.end(streamId, error) });
      // A stream that nobody listens to any more must not end the process when its connection breaks.
      stream.on('error', () => undefined);
      streams.set(streamId, stream);
      stream.once('close', () => streams.delete(streamId));
      return stream;
    },
    onData: (streamId, chunk, confirm) => {
      const stream = streams.get(streamId);
      if (stream) stream.receive(chunk, confirm);
      else confirm();
    },
    onEnd: (streamId, error) => streams.get(streamId)?.receiveEnd(error),
    breakAll: (why) => {
      for (const stream of streams.values()) stream.receiveEnd(why);
    },
  };
}
