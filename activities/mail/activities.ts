import type { MailActivities } from './contract.ts';
import { giveUpMail, type MailDeps, sendMail } from './send-mail.ts';

/** The activities of mail, over what they need of the outside. */
export function createMailActivities(deps: MailDeps): MailActivities {
  return { sendMail: (order) => sendMail(deps, order), giveUpMail: (order) => giveUpMail(deps, order) };
}
