import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startProvider, type TestProvider } from '../../api/sso/testing/provider.ts';
import { type Fleet, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { settled, signIn } from './look.ts';

const LONG = { timeout: 60_000 };
const EMAIL = 'grace@acme.example';

/** An owner connects the identity provider, a colleague comes by it, and then it is the only way; each part goes on where the one before it ended. */
describe('single sign-on', () => {
  let fleet: Fleet;
  let provider: TestProvider;
  let browser: Browser;
  let owner: Visit;
  let guest: Visit;

  beforeAll(async () => {
    fleet = await startFleet({ portal: true, models: false });
    provider = await startProvider(`${fleet.platform.url}/api/v1/sso/callback`);
    browser = await openBrowser();
    owner = await visit(browser, fleet.platform.url);
    guest = await visit(browser, fleet.platform.url);
    await signIn(fleet, owner.context);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const [index, one] of [owner, guest].entries()) await one.picture(`${task.name.replaceAll(/\W+/g, '-')}-${index}`);
  });
  afterAll(async () => {
    await browser?.close();
    await provider?.close();
    await fleet?.close();
  });

  /** Types an address and waits until its provider is offered. */
  async function offered(email: string): Promise<void> {
    await guest.page.goto('/sign-in');
    await guest.page.getByLabel('E-mail').fill(email);
    await guest.page.getByRole('button', { name: 'Continue with Acme' }).waitFor(LONG);
  }

  test('an owner tries a provider, mends what the test names, and saves it', async () => {
    const { page } = owner;
    await page.goto('/');
    await page.getByRole('link', { name: 'Single sign-on' }).click();
    await page.getByText(`${fleet.platform.url}/api/v1/sso/callback`).waitFor(LONG);
    await page.getByLabel('Issuer').fill(provider.issuer);
    await page.getByLabel('Client ID').fill(provider.client.clientId);
    await page.getByLabel('Client secret').fill('not this one');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('It does not accept the client id with this client secret.').waitFor(LONG);
    await page.getByLabel('Client secret').fill(provider.client.clientSecret);
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await page.getByText('People can come by this provider.').waitFor(LONG);
    await page.getByLabel('Scopes').fill('groups');
    await page.getByLabel('Scopes').press('Enter');
    await page.getByLabel('Name', { exact: true }).fill('Acme');
    await page.getByLabel('E-mail domains').fill('acme.example');
    await page.getByLabel('E-mail domains').press('Enter');
    await page.getByLabel('Claim with groups').fill('groups');
    await page.getByRole('button', { name: 'Add group' }).click();
    await page.getByLabel('Group 1', { exact: true }).fill('sre');
    await settled(page);
    expect(await owner.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('People may come by it, or with a password.').waitFor(LONG);
    expect(owner.offences).toEqual([]);
  });

  test('a colleague types an address of the domain, comes by the provider, and is what the groups say', async () => {
    provider.people.set(EMAIL, { name: 'Grace', email: EMAIL, email_verified: true, groups: ['sre'] });
    await offered(EMAIL);
    expect(await guest.accessibilityProblems()).toEqual([]);
    await guest.page.getByRole('button', { name: 'Continue with Acme' }).click();
    await guest.page.getByRole('heading', { name: 'Home', level: 1 }).waitFor(LONG);
    await owner.page.goto('/members');
    const row = owner.page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: EMAIL });
    await row.getByText('Operator').waitFor(LONG);
  });

  test('whom the provider does not vouch for reads so, and the owner reads why', async () => {
    provider.people.set('eve@acme.example', { email: 'eve@elsewhere.example', email_verified: true });
    await guest.context.clearCookies();
    await offered('eve@acme.example');
    await guest.page.getByRole('button', { name: 'Continue with Acme' }).click();
    await guest.page.getByText('Your organization knows you, but this does not let you in here.').waitFor(LONG);
    await owner.page.goto('/sso');
    await owner.page.getByText('eve@elsewhere.example is in none of the domains of the connection.').waitFor(LONG);
    expect(await owner.accessibilityProblems()).toEqual([]);
    expect(await guest.accessibilityProblems()).toEqual([]);
  });

  test('where it is the only way, no password is asked for; an owner may still have one', async () => {
    const { page } = owner;
    await page.getByLabel('Make it the only way').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Everybody but owners comes by it only.').waitFor(LONG);
    await offered(EMAIL);
    expect(await guest.page.getByLabel('Password', { exact: true }).count()).toBe(0);
    expect(await guest.accessibilityProblems()).toEqual([]);
    await guest.page.getByRole('button', { name: 'Use a password' }).click();
    await guest.page.getByLabel('Password', { exact: true }).waitFor(LONG);
  });
});
