import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A message as it arrived. */
export interface ReceivedMail {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string;
  /** The plain part, decoded. */
  readonly text: string;
  readonly raw: string;
}

/** A mail server on loopback: an outside party, so tests may stand in for it. */
export interface MailReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  /** Messages that arrived and are not answered, because of `hold`. */
  readonly held: number;
  close(): Promise<void>;
}

export interface MailReceiverOptions {
  readonly port?: number;
  /** Recipients it refuses for good. */
  readonly refused?: readonly string[];
  /** Takes messages in without ever saying so. */
  readonly hold?: boolean;
}

/** Starts it. */
export async function startMailReceiver({ port = 0, refused = [], hold = false }: MailReceiverOptions = {}): Promise<MailReceiver> {
  const received: ReceivedMail[] = [];
  let held = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo: ({ address }, _session, done) => (refused.includes(address) ? done(Object.assign(new Error('No such person'), { responseCode: 550 })) : done()),
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (hold) {
          held += 1;
          return;
        }
        received.push(parse(session.envelope.rcptTo[0]?.address ?? '', Buffer.concat(parts).toString('utf8')));
        done();
      });
    },
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject) && server.listen(port, '127.0.0.1', () => resolve()));
  // Clients that die in the middle are part of the tests.
  server.on('error', () => undefined);
  const { port: bound } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    received,
    get held() {
      return held;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function parse(to: string, raw: string): ReceivedMail {
  const headers = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(headers)?.[1]?.trim() ?? '';
  return { to, messageId: header('Message-ID'), subject: decodeWords(header('Subject')), text: plainPart(raw), raw };
}

function plainPart(raw: string): string {
  const [, head = '', body = ''] = /(Content-Type: text\/plain[\s\S]*?)\r\n\r\n([\s\S]*?)\r\n--/i.exec(raw) ?? [];
  if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  return /quoted-printable/i.test(head) ? decodeQuoted(body.replace(/=\r\n/g, '')) : body;
}

function decodeQuoted(text: string): string {
  return Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([BQ])\?(.*?)\?=/gi, (_all, kind: string, word: string) =>
      kind.toUpperCase() === 'B' ? Buffer.from(word, 'base64').toString('utf8') : decodeQuoted(word.replace(/_/g, ' ')),
    );
}
