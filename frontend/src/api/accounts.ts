import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser';
import { authAnswer } from './account.ts';
import type { Schemas } from './client.ts';
import { api, settle, unwrap } from './client.ts';

export type AccountSecurity = Schemas['AccountSecurity'];
export type AccountSession = Schemas['AccountSession'];
export type Passkey = Schemas['Passkey'];

/** Mail is written in the language of the portal, not of the browser. */
const inLanguage = () => ({ 'accept-language': document.documentElement.lang });

export const getSecurity = (): Promise<AccountSecurity> => unwrap(api.GET('/account/security'));
export const listSessions = async (): Promise<AccountSession[]> => (await unwrap(api.GET('/account/sessions'))).items;
export const endSession = (id: string): Promise<void> => settle(api.DELETE('/account/sessions/{id}', { params: { path: { id } } }));
export const endOtherSessions = (): Promise<void> => settle(api.POST('/account/sessions/end-others'));

export const sendVerification = (): Promise<void> => settle(api.POST('/account/email-verification', { headers: inLanguage() }));
export const confirmEmail = (code: string): Promise<void> => settle(api.POST('/account/email-verification/confirm', { body: { code } }));
export const sendPasswordReset = (email: string): Promise<void> => settle(api.POST('/account/password-reset', { body: { email }, headers: inLanguage() }));
export const resetPassword = (code: string, password: string): Promise<void> =>
  settle(api.POST('/account/password-reset/confirm', { body: { code, password }, headers: inLanguage() }));

/** The second step after the password, by the app's code or by one of the recovery codes. */
export async function confirmSecondStep(kind: 'app' | 'recovery', code: string): Promise<void> {
  await authAnswer(kind === 'app' ? 'two-factor/verify-totp' : 'two-factor/verify-backup-code', { code });
}

/** What an authenticator app is set up with, and the codes for the day without it. */
export const beginSecondStep = (password: string): Promise<{ totpURI: string; backupCodes: string[] }> => authAnswer('two-factor/enable', { password });

export async function endSecondStep(password: string): Promise<void> {
  await authAnswer('two-factor/disable', { password });
}

export async function newRecoveryCodes(password: string): Promise<string[]> {
  return (await authAnswer<{ backupCodes: string[] }>('two-factor/generate-backup-codes', { password })).backupCodes;
}

export type DeviceRequest = Schemas['DeviceRequest'];

export const getDevice = (code: string): Promise<DeviceRequest> => unwrap(api.GET('/account/devices/{code}', { params: { path: { code } } }));

/** Lets a program in that waits with this code, or sends it away. */
export function decideDevice(code: string, decision: 'approve' | 'deny'): Promise<void> {
  const params = { path: { code } };
  return settle(decision === 'approve' ? api.POST('/account/devices/{code}/approve', { params }) : api.POST('/account/devices/{code}/deny', { params }));
}

export const listPasskeys = async (): Promise<Passkey[]> => (await unwrap(api.GET('/account/passkeys'))).items;
export const removePasskey = (id: string): Promise<void> => settle(api.DELETE('/account/passkeys/{id}', { params: { path: { id } } }));

/** Lets the browser make a passkey. Throws what the browser throws when the person does not want one. */
export async function addPasskey(name: string): Promise<Passkey> {
  const { startRegistration } = await import('@simplewebauthn/browser');
  const { ceremony, options } = await unwrap(api.POST('/account/passkeys/options'));
  const response: RegistrationResponseJSON = await startRegistration({ optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON });
  return unwrap(api.POST('/account/passkeys', { body: { ceremony, name, response: response as unknown as Record<string, unknown> } }));
}

/** Signs in with a passkey. Throws what the browser throws when the person does not choose one. */
export async function enterWithPasskey(): Promise<void> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const { ceremony, options } = await unwrap(api.POST('/account/passkeys/sign-in/options'));
  const response: AuthenticationResponseJSON = await startAuthentication({ optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON });
  await settle(api.POST('/account/passkeys/sign-in', { body: { ceremony, response: response as unknown as Record<string, unknown> } }));
}

/** Whether this browser can use passkeys at this address. */
export function canUsePasskeys(): boolean {
  return window.isSecureContext && 'PublicKeyCredential' in window && !/^(\[|\d+(\.\d+){3}$)/.test(location.hostname);
}
