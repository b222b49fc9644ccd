import type { MailOrder, MailState } from '../contracts/mail.ts';
import { mailRecords, mailSending } from '../lib/proxies.ts';

/** Sends one message, trying for a day while the mail server is away; then it is given up and what it said is wiped. */
export async function mailWorkflow(order: MailOrder): Promise<{ state: MailState }> {
  try {
    return await mailSending.sendMail(order);
  } catch {
    return mailRecords.giveUpMail(order);
  }
}
