import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, instanceInPhase, ok, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { hostileManifest } from './hostile-claw.ts';
import { signIn } from './look.ts';

/** A whole OpenClaw starts, on a machine that may do much else. */
const LONG = { timeout: 500_000 };

describe('the pages of claws in a browser', () => {
  let fleet: Fleet;
  let browser: Browser;
  let person: Visit;

  beforeAll(async () => {
    fleet = await startFleet({ portal: true, models: false });
    browser = await openBrowser();
    person = await visit(browser, fleet.platform.url);
    await signIn(fleet, person.context);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await person?.picture(task.name.replaceAll(/\W+/g, '-'));
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  /** Presses what opens the page of a claw, and answers the tab that it opens in. */
  async function opened(context: BrowserContext, press: () => Promise<void>): Promise<Page> {
    const [tab] = await Promise.all([context.waitForEvent('page'), press()]);
    return tab;
  }

  test('a page that does its worst reaches neither the session nor the data of the portal', async () => {
    const { page, context } = person;
    ok(await fleet.api.POST('/claw-types', { body: hostileManifest(fleet.platform.url) }));
    const made = ok(await fleet.api.POST('/instances', { body: { name: 'hostile', type: 'hostile', resources: { cpu: '10m', memory: '128Mi' } } }));
    const { id } = (made as { instance: { id: string } }).instance;
    await instanceInPhase(fleet, id, 'Running');
    await page.goto(`/instances/${id}`);
    const tab = await opened(context, () => page.getByRole('link', { name: 'Open its page' }).click());
    await tab.waitForFunction(() => document.title === 'tried');
    expect(new URL(tab.url()).hostname).toMatch(/^hostile-\w+\.localhost$/);
    const tried = await tab.evaluate(() => (window as unknown as { tried: Record<string, string> }).tried);
    expect(Object.keys(tried)).toHaveLength(8);
    expect(Object.values(tried).filter((outcome) => outcome.startsWith('GOT'))).toEqual([]);
    const told = JSON.parse(await tab.evaluate(async () => (await fetch('/headers')).text()));
    expect(told.cookie ?? '').not.toContain('clawloops');
    await tab.close();
    const me = await context.request.get('/api/v1/me');
    expect(me.status()).toBe(200);
    const keys = await (await context.request.get('/api/v1/api-keys')).json();
    expect(JSON.stringify(keys)).not.toContain('stolen');
  });

  test('one press makes a claw of their own, whose Control UI works for its owner', async () => {
    const { page, context } = person;
    await page.goto('/my-claw');
    expect(await person.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Create my claw' }).click();
    await page.getByRole('main').locator('header').getByText('Running', { exact: true }).waitFor(LONG);
    const tab = await opened(context, () => page.getByRole('link', { name: 'Open its page' }).click());
    // Whoever is not let in is asked for a token instead.
    await tab.getByLabel('Chat composer').waitFor(LONG);
    await tab.getByText(/^usr_/).first().waitFor(LONG);
    expect(tab.url()).not.toMatch(/token|code|password/i);
    await tab.close();
  });

  test('nobody else gets in there', async () => {
    const { rows } = await fleet.database.query<{ slug: string }>('SELECT slug FROM instance WHERE owner_id IS NOT NULL');
    const address = new URL(fleet.platform.url);
    address.hostname = `${rows[0]?.slug}.localhost`;
    const stranger = await browser.newContext();
    const tab = await stranger.newPage();
    const answer = await tab.goto(address.href);
    expect(answer?.status()).toBe(401);
    await tab.getByRole('link', { name: 'Sign in and open' }).click();
    await tab.waitForURL(/\/sign-in\?next=/);
    await stranger.close();
  });
});
