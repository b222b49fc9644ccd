import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { settled, signIn } from './look.ts';

const LONG = { timeout: 60_000 };
const GUEST = { name: 'Bob', email: 'bob@example.com', password: 'teal-orbit-cabbage-91' };

/** A colleague comes, looks, goes and comes back; each part goes on where the one before it ended. */
describe('inviting somebody', () => {
  let fleet: Fleet;
  let browser: Browser;
  let owner: Visit;
  let guest: Visit;
  const visits: Visit[] = [];

  beforeAll(async () => {
    fleet = await startFleet({ portal: true, models: false });
    browser = await openBrowser();
    owner = await open();
    guest = await open();
    await signIn(fleet, owner.context);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const [index, one] of visits.entries()) await one.picture(`${task.name.replaceAll(/\W+/g, '-')}-${index}`);
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  async function open(): Promise<Visit> {
    const one = await visit(browser, fleet.platform.url);
    visits.push(one);
    return one;
  }

  /** Invites in the portal and answers what stands behind the # of the link. */
  async function invite(email: string, role: string): Promise<string> {
    const { page } = owner;
    await page.goto('/members?add=people');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail addresses').fill(email);
    await dialog.getByLabel('E-mail addresses').press('Enter');
    await dialog.getByLabel('Role', { exact: true }).click();
    await page.getByRole('option', { name: role }).click();
    expect(await owner.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await dialog.locator('[data-secret]').textContent(LONG);
    expect(await owner.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Done' }).click();
    return new URL(link ?? '').hash;
  }

  /** The row of the table that is about somebody. */
  const row = (email: string) => owner.page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: email });

  test('the first steps lead to it', async () => {
    const { page } = owner;
    await page.goto('/');
    await page.getByRole('link', { name: 'Invite people' }).click();
    await page.getByRole('dialog', { name: 'Invite people' }).waitFor();
  });

  test('a new person opens the link, sees who invites them as what, and makes an account', async () => {
    const fragment = await invite(GUEST.email, 'Viewer');
    await owner.page.getByText('Pending').first().waitFor();
    const { page } = guest;
    await page.goto(`/invite${fragment}`);
    await page.getByText('Ada invites you to').waitFor(LONG);
    await page.getByText('Sees every claw and its figures. Changes nothing.').waitFor();
    await expect.poll(() => page.url(), LONG).toBe(`${fleet.platform.url}/invite`);
    await page.getByLabel('Your name').fill(GUEST.name);
    await page.getByLabel('Password', { exact: true }).fill(GUEST.password);
    expect(await guest.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Create account and join' }).click();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor(LONG);
  });

  test('they see what a viewer sees, and whoever invited them sees that they came', async () => {
    const { page } = guest;
    const navigation = page.getByRole('navigation', { name: 'Main navigation' });
    await navigation.getByRole('link', { name: 'Instances' }).click();
    await page.getByText('No instances yet').waitFor();
    await settled(page);
    expect(await navigation.getByRole('link', { name: 'Members' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Create instance' }).count()).toBe(0);
    await row(GUEST.email).getByText('Viewer').waitFor(LONG);
    await owner.page.getByText('Nobody is waiting').waitFor(LONG);
    expect(guest.offences).toEqual([]);
  });

  test('another role is given in a dialog that says what each may do, and holds at once', async () => {
    const { page } = owner;
    await row(GUEST.email)
      .getByRole('button', { name: `More actions for ${GUEST.name}` })
      .click();
    await page.getByRole('menuitem', { name: 'Change role' }).click();
    const dialog = page.getByRole('dialog', { name: `Role of ${GUEST.name}` });
    await dialog.getByText('Creates, changes and runs every claw.').click();
    expect(await owner.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Save role' }).click();
    await row(GUEST.email).getByText('Operator').waitFor(LONG);
    await guest.page.getByRole('main').getByRole('link', { name: 'Create instance' }).first().waitFor(LONG);
  });

  test('whoever is removed is out at once, and comes back with a new link and the same account', async () => {
    const { page } = owner;
    await row(GUEST.email)
      .getByRole('button', { name: `More actions for ${GUEST.name}` })
      .click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Their account stays').waitFor();
    expect(await owner.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText(`${GUEST.name} was removed`).first().waitFor(LONG);
    await expect.poll(() => row(GUEST.email).count()).toBe(0);
    expect((await guest.context.request.get('/api/v1/instances')).status()).toBe(403);
    const fragment = await invite(GUEST.email, 'Operator');
    await guest.page.goto(`/invite${fragment}`);
    await guest.page.getByRole('button', { name: /^Join / }).click(LONG);
    await guest.page.getByRole('heading', { name: 'Home', level: 1 }).waitFor(LONG);
    expect((await guest.context.request.get('/api/v1/instances')).status()).toBe(200);
  });

  test('a link for somebody else, one that was revoked and one that has expired say so and what to do', async () => {
    const foreign = await invite('carol@example.com', 'Viewer');
    await guest.page.goto(`/invite${foreign}`);
    await guest.page.getByText(`You are signed in as ${GUEST.email}.`).waitFor(LONG);
    expect(await guest.accessibilityProblems()).toEqual([]);
    const stranger = await open();
    await owner.page.getByRole('button', { name: 'Revoke the invitation of carol@example.com' }).click();
    await owner.page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await owner.page.getByText('Nobody is waiting').waitFor(LONG);
    await stranger.page.goto(`/invite${foreign}`);
    await stranger.page.getByText('This invitation was revoked').waitFor(LONG);
    const late = await invite('dave@example.com', 'Viewer');
    await fleet.database.query("UPDATE invitation SET expires_at = now() - interval '1 second' WHERE email = 'dave@example.com'");
    await stranger.page.goto('/sign-in');
    await stranger.page.goto(`/invite${late}`);
    await stranger.page.getByText(`Ask Ada (${fleet.admin.email}) for a new one.`).waitFor(LONG);
    expect(await stranger.accessibilityProblems()).toEqual([]);
    expect([...owner.offences, ...stranger.offences]).toEqual([]);
  });
});
