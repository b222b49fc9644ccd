/** Shorter values would be found where they are not. */
const SECRET_CHARACTERS_MIN = 8;
const HIDDEN = '<redacted>';
/** Keys of the platform, also of former generations. */
const PLATFORM_KEYS = /\b(?:clp|clk|clh)_[\w-]{6,}/g;
const PLATFORM_KEY_BEGUN = /\bc(?:l(?:[pkh](?:_[\w-]*)?)?)?$/;
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

/** The same for what comes in parts, line by line. */
export class SecretHider {
  readonly #secrets: () => readonly string[];
  #rest: Buffer = Buffer.alloc(0);

  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets;
  }

  /** The lines that `chunk` ends; what follows them is kept. */
  take(chunk: Buffer): Buffer {
    const content = Buffer.concat([this.#rest, chunk]);
    const end = content.lastIndexOf(NEWLINE) + 1;
    const whole = end === 0 && content.length > LINE_BYTES_MAX ? content.length : end;
    this.#rest = content.subarray(whole);
    return hideSecrets(content.subarray(0, whole), this.#secrets());
  }

  /** What is kept, when nothing more came for a while, unless it ends as a secret begins. */
  pause(): Buffer {
    return endsAsSecretBegins(this.#rest.toString('latin1'), this.#secrets()) ? Buffer.alloc(0) : this.end();
  }

  /** What is kept, when nothing more will come. */
  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return hideSecrets(rest, this.#secrets());
  }
}

/** A step of a pipeline that gives what it is given without the values of secrets. */
export async function* withoutSecrets(source: AsyncIterable<Buffer>, secrets: readonly string[]): AsyncGenerator<Buffer> {
  const hider = new SecretHider(() => secrets);
  for await (const chunk of source) yield hider.take(chunk);
  yield hider.end();
}

function endsAsSecretBegins(text: string, secrets: readonly string[]): boolean {
  return PLATFORM_KEY_BEGUN.test(text) || secrets.some((secret) => beginsAtEnd(text, Buffer.from(secret).toString('latin1')));
}

function beginsAtEnd(text: string, secret: string): boolean {
  for (let length = secret.length - 1; length > 0; length -= 1) if (text.endsWith(secret.slice(0, length))) return true;
  return false;
}
