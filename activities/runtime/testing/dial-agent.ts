import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RuntimeDriver, WorkloadRef } from '../driver.ts';

/** An HTTP agent whose connections lead to a port of the claw, wherever it runs; host and port of a request's URL do not matter. */
export function dialAgent(driver: Pick<RuntimeDriver, 'dial'>, ref: WorkloadRef, port: string): Agent {
  return new DialAgent(() => driver.dial(ref, port));
}

class DialAgent extends Agent {
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
