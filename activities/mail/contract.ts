import type { MailOrder, MailState } from '../../workflows/contracts/mail.ts';

export interface MailActivities {
  /**
   * Sends the message unless it has ended, and wipes what it said. A mail server that refuses it for good makes it `failed`. Throws
   * Failure MAIL_UNAVAILABLE while the mail server cannot be reached or asks to come back later. A message that was handed over by a
   * worker lost in that moment goes out twice, under one Message-ID.
   */
  sendMail(order: MailOrder): Promise<{ state: MailState }>;
  /** Ends a message that could not be sent in time, and wipes what it said. Repeatable. */
  giveUpMail(order: MailOrder): Promise<{ state: MailState }>;
}
