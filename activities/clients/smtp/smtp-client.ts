import nodemailer from 'nodemailer';
import { Failure } from '../../../workflows/contracts/failures.ts';

/** A message that is ready to be sent. */
export interface SmtpMessage {
  readonly to: string;
  /** Part of the Message-ID, so that a message that was handed over twice is known as one. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export interface SmtpClient {
  /** Hands a message over. Throws Failure MAIL_REFUSED when the server will never take it, MAIL_UNAVAILABLE when it may take it later. */
  send(message: SmtpMessage): Promise<void>;
  close(): void;
}

export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password if the server asks for them. */
  readonly url: string;
  /** Sender, e.g. `ClawLoops <claws@example.com>`. */
  readonly from: string;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

interface SmtpError {
  readonly code?: string;
  readonly responseCode?: number;
}

/** A client of one mail server; connects for each message. */
export function createSmtpClient({ url, from }: SmtpOptions): SmtpClient {
  const timeouts = { connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SILENCE_MS };
  const transport = nodemailer.createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  return {
    send: async ({ to, id, subject, text, html }) => {
      try {
        await transport.sendMail({
          from,
          // An object, so that nothing in an address is read as a second one.
          to: { name: '', address: to },
          messageId: `<${id}@${domain}>`,
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw asFailure(error as SmtpError);
      }
    },
    close: () => transport.close(),
  };
}

/** What a server says may name the person, so none of it goes on. */
function asFailure({ code, responseCode = 0 }: SmtpError): Failure {
  const isPermanent = responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
  if (isPermanent) return new Failure('MAIL_REFUSED', `The mail server refused the message with ${responseCode}.`);
  if (code === 'EAUTH') return new Failure('MAIL_UNAVAILABLE', 'The mail server refused the user or password.');
  return new Failure('MAIL_UNAVAILABLE', responseCode > 0 ? `The mail server answered ${responseCode}.` : undefined);
}
