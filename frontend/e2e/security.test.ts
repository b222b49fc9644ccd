import { createHmac } from 'node:crypto';
import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser, type Visit, visit } from './browser.ts';

/** What an authenticator app shows now for a secret in base 32. */
function totp(secret: string): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  return String((digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** One person and their account; each part goes on where the one before it ended. */
describe('the security of an account', () => {
  let fleet: Fleet;
  let browser: Browser;
  let me: Visit;
  let recoveryCode = '';

  beforeAll(async () => {
    fleet = await startFleet({ portal: true, models: false });
    browser = await openBrowser();
    me = await visit(browser, fleet.platform.url);
    const devices: CDPSession = await me.context.newCDPSession(me.page);
    await devices.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const;
    await devices.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await me?.picture(task.name.replaceAll(/\W+/g, '-'));
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  async function enterPassword(): Promise<void> {
    await me.page.goto('/sign-in?next=/settings/security');
    await me.page.getByLabel('E-mail', { exact: true }).fill(fleet.admin.email);
    await me.page.getByLabel('Password', { exact: true }).fill(fleet.admin.password);
    await me.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  const atHome = () => me.page.getByRole('heading', { name: 'Where you are signed in' }).waitFor();

  test('a passkey is added, and signs in afterwards', async () => {
    const { page } = me;
    await enterPassword();
    await atHome();
    expect(await me.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Laptop');
    await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Never used').waitFor();
    await me.context.clearCookies();
    await page.goto('/sign-in?next=/settings/security');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await atHome();
    await page.getByText('Last used').waitFor();
  });

  test('a second step is set up by an authenticator app, with codes for the day without it', async () => {
    const { page } = me;
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password', { exact: true }).fill(fleet.admin.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    const secret = (await dialog.locator('[data-secret]').textContent()) ?? '';
    expect(await me.accessibilityProblems()).toEqual([]);
    await dialog.getByLabel('Code', { exact: true }).fill(totp(secret));
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    recoveryCode = (await dialog.locator('[data-recovery-codes] li').first().textContent()) ?? '';
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('button', { name: 'New recovery codes' }).waitFor();
  });

  test('after the password a recovery code lets in, once', async () => {
    const { page } = me;
    for (const works of [true, false]) {
      await me.context.clearCookies();
      await enterPassword();
      await page.getByRole('heading', { name: 'One more step' }).waitFor();
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      expect(await me.accessibilityProblems()).toEqual([]);
      await page.getByLabel('Recovery code').fill(recoveryCode);
      await page.getByRole('button', { name: 'Confirm' }).click();
      if (works) await atHome();
      else await page.getByText('The code is wrong.').waitFor();
    }
  });

  test('a program is let in by its code, and whoever forgot a password is told what the platform can do', async () => {
    const { page } = me;
    const form = new URLSearchParams({ client_id: 'claw', device_name: 'build-box' });
    const begun = (await (await fetch(`${fleet.platform.url}/api/auth/device/code`, { method: 'POST', body: form })).json()) as Record<string, string>;
    await me.context.clearCookies();
    await page.goto('/sign-in?next=/settings/security');
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await atHome();
    await page.goto('/device');
    await page.getByLabel('Code', { exact: true }).fill(begun.user_code ?? '');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('build-box').waitFor();
    expect(await me.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Let it in' }).click();
    await page.getByRole('heading', { name: 'It is let in' }).waitFor();
    await page.goto('/reset');
    expect(await me.accessibilityProblems()).toEqual([]);
    await page.getByLabel('E-mail', { exact: true }).fill(fleet.admin.email);
    await page.getByRole('button', { name: 'Send link' }).click();
    await page.getByText('No mail server is set up.').waitFor();
  });
});
