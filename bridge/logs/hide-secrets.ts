import { Transform, type TransformCallback } from 'node:stream';

/** Shorter values would be found where they are not. */
const SECRET_CHARACTERS_MIN = 8;
const HIDDEN = '<redacted>';
/** Keys of the platform, also of former generations. */
const PLATFORM_KEYS = /\b(?:clp|clk|clh)_[\w-]{6,}/g;
/** A line without end is cut here rather than kept in memory. */
const LINE_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;

/** What a claw printed without the values of its secrets. Bytes that are no text stay as they are. */
export function hideSecrets(content: Buffer, secrets: readonly string[]): Buffer {
  const text = content.toString('latin1');
  const hidden = secrets
    .filter((secret) => secret.length >= SECRET_CHARACTERS_MIN)
    .reduce((left, secret) => left.replaceAll(Buffer.from(secret).toString('latin1'), HIDDEN), text)
    .replace(PLATFORM_KEYS, HIDDEN);
  return hidden === text ? content : Buffer.from(hidden, 'latin1');
}

/** The same for a stream, line by line. */
export class SecretHider extends Transform {
  readonly #secrets: readonly string[];
  #rest: Buffer = Buffer.alloc(0);

  constructor(secrets: readonly string[]) {
    super();
    this.#secrets = secrets;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const content = Buffer.concat([this.#rest, chunk]);
    const end = content.lastIndexOf(NEWLINE) + 1;
    const whole = end === 0 && content.length > LINE_BYTES_MAX ? content.length : end;
    this.#rest = content.subarray(whole);
    this.#pass(content.subarray(0, whole));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#pass(this.#rest);
    done();
  }

  #pass(content: Buffer): void {
    if (content.length > 0) this.push(hideSecrets(content, this.#secrets));
  }
}
