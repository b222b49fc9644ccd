import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';

/** An HTTP agent for one request, whose connection leads to the claw wherever it runs; host and port of the request do not matter. */
export function clawAgent(connect: () => Promise<Duplex>): Agent {
  return new ClawAgent(connect);
}

class ClawAgent extends Agent {
  readonly #connect: () => Promise<Duplex>;

  constructor(connect: () => Promise<Duplex>) {
    super({ keepAlive: false });
    this.#connect = connect;
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, connection: Duplex) => void): Duplex | undefined {
    this.#connect().then(
      (connection) => callback?.(null, connection),
      (error: Error) => callback?.(error, undefined as never),
    );
    return undefined;
  }
}
