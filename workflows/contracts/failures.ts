/**
 * What can go wrong, in one table. Workflows, activities and the API all throw `Failure`; this table says whether waiting can
 * help (`retryable`), which HTTP status a request gets, the sentence a person sees and what to do next.
 */
interface FailureInfo {
  readonly retryable: boolean;
  readonly status: number;
  readonly title: string;
  readonly nextStep: string;
}

export const FAILURES = {
  VALIDATION_FAILED: { retryable: false, status: 422, title: 'The request is not valid.', nextStep: 'Correct the fields named in errors and send it again.' },
  MALFORMED_REQUEST: {
    retryable: false,
    status: 400,
    title: 'The request could not be read.',
    nextStep: 'Send well-formed JSON with content-type application/json.',
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    status: 413,
    title: 'The request body is too large.',
    nextStep: 'Send a smaller body; the limit stands in the detail.',
  },
  UNAUTHENTICATED: { retryable: false, status: 401, title: 'You are not signed in.', nextStep: 'Sign in, or send an API key as Authorization: Bearer clp_….' },
  PASSWORD_WEAK: {
    retryable: false,
    status: 422,
    title: 'The password is too easy to guess.',
    nextStep: 'Choose a longer one, e.g. four words that have nothing to do with each other.',
  },
  PASSWORD_BREACHED: {
    retryable: false,
    status: 422,
    title: 'The password stands in a list of stolen passwords.',
    nextStep: 'Choose another one, here and wherever else you use it.',
  },
  PASSWORD_CHANGE_REQUIRED: { retryable: false, status: 403, title: 'A new password has to be chosen first.', nextStep: 'Choose a new password.' },
  CODE_INVALID: { retryable: false, status: 403, title: 'The code was used already or has expired.', nextStep: 'Ask for a new one.' },
  ACCOUNT_DISABLED: { retryable: false, status: 403, title: 'The account is disabled.', nextStep: 'Ask an administrator of the platform.' },
  SSO_REQUIRED: {
    retryable: false,
    status: 403,
    title: 'Here one signs in through the organization.',
    nextStep: 'Sign in again, with the e-mail address that your organization gave you.',
  },
  SSO_FAILED: {
    retryable: false,
    status: 403,
    title: 'The sign-in through the organization did not work.',
    nextStep: 'Begin again; if it happens again, an owner or admin finds the reason under Organization → Single sign-on.',
  },
  SSO_REFUSED: {
    retryable: false,
    status: 403,
    title: 'The organization knows you, but this does not let you in here.',
    nextStep: 'Ask an owner or admin of your tenant; they find the reason under Organization → Single sign-on.',
  },
  SSO_UNAVAILABLE: { retryable: true, status: 503, title: 'The identity provider does not answer.', nextStep: 'Try again in a moment.' },
  FORBIDDEN: { retryable: false, status: 403, title: 'You may not do this.', nextStep: 'Ask an owner of the tenant for the right role.' },
  TENANT_SUSPENDED: {
    retryable: false,
    status: 403,
    title: 'The tenant is suspended; nothing in it can be changed.',
    nextStep: 'Ask an administrator of the platform to resume it.',
  },
  LAST_OWNER: { retryable: false, status: 409, title: 'A tenant keeps at least one owner.', nextStep: 'Make somebody else an owner first.' },
  NOT_FOUND: { retryable: false, status: 404, title: 'There is no such thing here.', nextStep: 'Check the id and the tenant.' },
  METHOD_NOT_ALLOWED: { retryable: false, status: 405, title: 'This path does not take this method.', nextStep: 'See /api/docs for what it takes.' },
  RATE_LIMITED: { retryable: true, status: 429, title: 'Too many requests.', nextStep: 'Wait as long as Retry-After says.' },
  NAME_TAKEN: { retryable: false, status: 409, title: 'That name is in use.', nextStep: 'Choose another name, or destroy the one that has it.' },
  STILL_IN_USE: { retryable: false, status: 409, title: 'Something still needs it.', nextStep: 'Remove first what the detail names.' },
  ILLEGAL_TRANSITION: {
    retryable: false,
    status: 409,
    title: 'That cannot be done in the present phase.',
    nextStep: 'Do one of the actions the detail lists.',
  },
  OPERATION_IN_PROGRESS: { retryable: true, status: 409, title: 'Another operation is running.', nextStep: 'Wait for it to end, or cancel it.' },
  IDEMPOTENCY_MISMATCH: {
    retryable: false,
    status: 409,
    title: 'That idempotency key was used for another request.',
    nextStep: 'Use a new key for a new request.',
  },
  GENERATION_MISMATCH: {
    retryable: false,
    status: 412,
    title: 'Somebody changed it before you.',
    nextStep: 'Read it again and apply your change to the current version.',
  },
  QUOTA_EXCEEDED: { retryable: false, status: 409, title: 'The quota is used up.', nextStep: 'Free something or ask for a larger quota.' },
  POLICY_VIOLATED: {
    retryable: false,
    status: 403,
    title: 'A policy forbids this.',
    nextStep: 'Choose what the rule allows, or ask who set it to change it.',
  },
  NOT_ENTITLED: {
    retryable: false,
    status: 403,
    title: 'The plan of the tenant does not include this.',
    nextStep: 'Ask an administrator of the platform for another plan.',
  },
  CAPACITY_EXCEEDED: { retryable: false, status: 422, title: 'No host has that much to give.', nextStep: 'Ask for less, or add a host.' },
  UNKNOWN_VERSION: { retryable: false, status: 422, title: 'That claw version is not known.', nextStep: 'Choose one of the versions the detail lists.' },
  UNKNOWN_TYPE: {
    retryable: false,
    status: 422,
    title: 'That claw type is not known.',
    nextStep: 'Choose one of the types the detail lists, or register a manifest.',
  },
  INVALID_CONFIG: {
    retryable: false,
    status: 422,
    title: 'The configuration is not valid.',
    nextStep: 'Correct the settings named in errors, then edit and retry.',
  },
  CONFIG_LOCKED: { retryable: false, status: 409, title: 'A higher level locks this setting.', nextStep: 'Change it there, or ask who owns that level.' },
  SETUP_DONE: { retryable: false, status: 409, title: 'The platform is set up already.', nextStep: 'Sign in.' },
  SETUP_CODE_INVALID: {
    retryable: false,
    status: 403,
    title: 'That set-up code is not valid.',
    nextStep: 'Take the newest code that the start of the platform printed.',
  },
  ALREADY_MEMBER: { retryable: false, status: 409, title: 'That person is a member already.', nextStep: 'Change their role on the members page.' },
  INVITATION_PENDING: {
    retryable: false,
    status: 409,
    title: 'That address has an invitation already.',
    nextStep: 'Make a new link for it, or revoke it and invite anew.',
  },
  INVITATION_INVALID: {
    retryable: false,
    status: 404,
    title: 'This invitation link does not work.',
    nextStep: 'Open the newest link you were sent, and all of it.',
  },
  INVITATION_EXPIRED: { retryable: false, status: 410, title: 'This invitation has expired.', nextStep: 'Ask whoever invited you for a new one.' },
  INVITATION_REVOKED: { retryable: false, status: 410, title: 'This invitation was revoked.', nextStep: 'Ask whoever invited you for a new one.' },
  INVITATION_USED: { retryable: false, status: 409, title: 'This invitation was accepted already.', nextStep: 'Sign in with the account that accepted it.' },
  INVITATION_FOR_ANOTHER: {
    retryable: false,
    status: 403,
    title: 'This invitation is for somebody else.',
    nextStep: 'Sign out, then open the link again.',
  },
  INVITATION_NEEDS_SIGN_IN: {
    retryable: false,
    status: 409,
    title: 'There is an account with that address already.',
    nextStep: 'Sign in with it, then accept.',
  },
  IMAGE_PULL_FAILED: {
    retryable: true,
    status: 502,
    title: 'The claw version could not be installed.',
    nextStep: 'Check the version and the network of the host, then retry.',
  },
  UNSCHEDULABLE: { retryable: true, status: 409, title: 'No host can take the claw now.', nextStep: 'Free room on a host or add one.' },
  VOLUME_UNAVAILABLE: {
    retryable: true,
    status: 502,
    title: 'The folder of the claw cannot be written.',
    nextStep: 'Repair the folder or its rights on the host, then retry now.',
  },
  PROCESS_EXITED: { retryable: true, status: 502, title: 'The process of the claw ended.', nextStep: 'Look at its log; it is being restarted.' },
  CRASH_LOOP: { retryable: false, status: 502, title: 'The claw crashes again and again.', nextStep: 'Look at its log, correct the cause, then start it.' },
  OUT_OF_MEMORY: { retryable: true, status: 502, title: 'The claw used more memory than it may.', nextStep: 'Give it more memory.' },
  GATEWAY_UNAVAILABLE: { retryable: true, status: 503, title: 'The claw does not answer.', nextStep: 'Look at its log; it may still be starting.' },
  CONFIG_NOT_APPLIED: { retryable: true, status: 502, title: 'The claw has not taken its new configuration.', nextStep: 'Look at its log, or restart it.' },
  MODEL_PROBE_FAILED: { retryable: true, status: 502, title: 'The model did not answer a test call.', nextStep: 'Check the provider of the model.' },
  MODEL_UNKNOWN: {
    retryable: false,
    status: 404,
    title: 'There is no such model.',
    nextStep: 'Choose a model that GET /v1/models lists, or add its provider.',
  },
  MODEL_BUDGET_EXCEEDED: { retryable: false, status: 429, title: 'The model budget is used up.', nextStep: 'Raise the budget or wait for the next period.' },
  MODEL_UNAVAILABLE: { retryable: true, status: 503, title: 'The model service does not answer.', nextStep: 'Try again in a moment; it is being restarted.' },
  PROVIDER_CREDENTIAL_INVALID: {
    retryable: false,
    status: 422,
    title: 'The provider refused the credential.',
    nextStep: 'Enter a valid credential and verify again.',
  },
  RUNTIME_UNREACHABLE: { retryable: true, status: 503, title: 'The runtime cannot be reached.', nextStep: 'Check the host and its bridge.' },
  HOST_OFFLINE: { retryable: true, status: 503, title: 'The host is offline.', nextStep: 'Start the bridge on the host.' },
  PORT_IN_USE: { retryable: true, status: 502, title: 'A port of the claw is taken by another process.', nextStep: 'Stop that process, then retry now.' },
  MAIL_NOT_CONFIGURED: {
    retryable: false,
    status: 409,
    title: 'No mail server is set up.',
    nextStep: 'Ask an operator to set MAIL_FROM and SMTP_URL; see docs/operate.md.',
  },
  MAIL_REFUSED: { retryable: false, status: 422, title: 'The mail server refused the message.', nextStep: 'Check the address of the recipient.' },
  MAIL_UNAVAILABLE: { retryable: true, status: 503, title: 'The mail server does not answer.', nextStep: 'Check SMTP_URL of the worker and the mail server.' },
  STORAGE_UNAVAILABLE: { retryable: true, status: 503, title: 'The object store does not answer.', nextStep: 'Check the object store.' },
  WORKFLOW_ENGINE_UNAVAILABLE: {
    retryable: true,
    status: 503,
    title: 'The workflow engine does not answer.',
    nextStep: 'Try again in a moment; accepted work is kept.',
  },
  DATABASE_UNAVAILABLE: { retryable: true, status: 503, title: 'The database does not answer.', nextStep: 'Try again in a moment.' },
  ROLLOUT_CONFLICT: {
    retryable: false,
    status: 409,
    title: 'Another rollout changes the same setting of the same instances.',
    nextStep: 'Wait for it to end, abort it, or leave out the instances that it has.',
  },
  APPROVER_IS_AUTHOR: {
    retryable: false,
    status: 403,
    title: 'Whoever started a rollout may not approve it.',
    nextStep: 'Ask somebody else with the right to approve.',
  },
  APPROVAL_EXPIRED: {
    retryable: false,
    status: 409,
    title: 'Nobody agreed in time.',
    nextStep: 'Resume the rollout to ask once more, or abort it.',
  },
  GAVE_UP: { retryable: false, status: 409, title: 'A person gave up on this operation.', nextStep: 'Correct the cause and start again.' },
  PREEMPTED: { retryable: false, status: 409, title: 'A later operation took its place.', nextStep: 'Look at the later operation.' },
  TIMEOUT: { retryable: true, status: 504, title: 'It took too long.', nextStep: 'Retry; if it happens again look at the log.' },
  CANCELLED: { retryable: false, status: 409, title: 'It was cancelled.', nextStep: 'Start it again if you still want it.' },
  INTERNAL: { retryable: true, status: 500, title: 'Something went wrong here.', nextStep: 'Tell an operator the request id.' },
} as const satisfies Record<string, FailureInfo>;

export type FailureCode = keyof typeof FAILURES;

/** One field of a request or configuration that is wrong; `path` is a JSON pointer such as `/spec/version`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface FailureDetails {
  readonly errors?: readonly FieldError[];
  /** Overrides the table's next step when the place of failure knows a better one. */
  readonly nextStep?: string;
  readonly [key: string]: unknown;
}

/** The one error of the domain. `message` is a sentence for a person and must not hold secrets. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: FailureDetails;

  constructor(code: FailureCode, message: string = FAILURES[code].title, details: FailureDetails = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return FAILURES[this.code].retryable;
  }

  get nextStep(): string {
    return this.details.nextStep ?? FAILURES[this.code].nextStep;
  }
}

/** What a person is shown of a failure; stored in operations and conditions. */
export interface FailureView {
  readonly code: FailureCode;
  readonly message: string;
  readonly nextStep: string;
}

export function isFailureCode(code: string): code is FailureCode {
  return Object.hasOwn(FAILURES, code);
}

export function failureView(failure: Failure): FailureView {
  return { code: failure.code, message: failure.message, nextStep: failure.nextStep };
}

/** `Failure` by name and code, so that it is recognised across module copies. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && 'code' in error && isFailureCode(String(error.code));
}
