import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Fleet, startFleet } from '../../deploy/local/testing/fleet.ts';
import { openBrowser, type Visit, visit } from './browser.ts';

/** What the machine itself knows about the claw of this name. */
async function processOf(fleet: Fleet, name: string): Promise<{ pid: number; restarts: number }> {
  const { rows } = await fleet.database.query<{ pid: string; restarts: number }>(
    "SELECT observed_fact->>'pid' AS pid, observed_restarts AS restarts FROM instance WHERE name = $1",
    [name],
  );
  if (!rows[0]?.pid) throw new Error(`${name} has no process`);
  return { pid: Number(rows[0].pid), restarts: rows[0].restarts };
}

const LONG = { timeout: 180_000 };

/** One person's first hour with a real OpenClaw; each part goes on where the one before it ended. */
describe('the life of a claw in the portal', () => {
  const name = 'sales-bot';
  let fleet: Fleet;
  let browser: Browser;
  let person: Visit;

  beforeAll(async () => {
    fleet = await startFleet({ setUp: false, portal: true });
    browser = await openBrowser();
    person = await visit(browser, fleet.platform.url);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await person?.picture(task.name.replaceAll(/\W+/g, '-'));
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  const status = (word: string) => person.page.getByRole('main').locator('header').getByText(word, { exact: true });

  test('the set-up link makes the first administrator and leaves no code in the address', async () => {
    const { page } = person;
    await page.goto(`/setup#code=${fleet.platform.setupToken}`);
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill(fleet.admin.email);
    await page.getByLabel('Password', { exact: true }).fill(fleet.admin.password);
    expect(page.url()).not.toContain(String(fleet.platform.setupToken));
    expect(await person.accessibilityProblems()).toEqual([]);
    await page.getByRole('button', { name: 'Create account and continue' }).click();
    await page.getByRole('heading', { name: 'Welcome. A few steps to a working fleet.' }).waitFor();
    expect(await person.accessibilityProblems()).toEqual([]);
  });

  test('a name is enough to create an OpenClaw, and its progress is shown until it runs', async () => {
    const { page } = person;
    await page.getByRole('main').getByRole('link', { name: 'Create instance' }).first().click();
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Create instance' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await status('Running').waitFor(LONG);
    expect(await person.accessibilityProblems()).toEqual([]);
  });

  test('the demo model answers in the chat and says that it is a demo', async () => {
    const { page } = person;
    await page
      .getByRole('link', { name: 'Chat', exact: true })
      .or(page.getByRole('tab', { name: 'Chat' }))
      .first()
      .click();
    await page.getByLabel('Message', { exact: true }).fill('Hello, who are you?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('article', { name: 'Claw' }).getByText('demo model').waitFor(LONG);
    expect(await person.accessibilityProblems()).toEqual([]);
  });

  test('a killed process is seen coming back without a reload, and is counted', async () => {
    const { page } = person;
    await page
      .getByRole('link', { name: 'Overview' })
      .or(page.getByRole('tab', { name: 'Overview' }))
      .first()
      .click();
    const before = await processOf(fleet, name);
    process.kill(before.pid, 'SIGKILL');
    await page.getByText('1 restart', { exact: false }).first().waitFor(LONG);
    await status('Running').waitFor(LONG);
    await eventually('another process is there', 60, async () => (await processOf(fleet, name)).pid !== before.pid);
  });

  test('a setting changes in the running claw without a new process', async () => {
    const { page } = person;
    const before = await processOf(fleet, name);
    await page.getByRole('button', { name: 'Edit Agent name' }).click();
    await page.getByLabel('Agent name').last().fill('Sales');
    await page.getByRole('button', { name: 'Apply' }).click();
    await eventually('the change is applied', 120, async () => {
      const { rows } = await fleet.database.query("SELECT 1 FROM operation WHERE kind = 'update' AND state = 'succeeded'");
      return rows.length === 1;
    });
    await status('Running').waitFor(LONG);
    await page.getByText('Sales', { exact: true }).waitFor();
    expect(await processOf(fleet, name)).toEqual(before);
  });

  test('it stops, starts, and is destroyed with its data only after its name was typed', async () => {
    const { page } = person;
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
    await status('Stopped').waitFor(LONG);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await status('Running').waitFor(LONG);
    await page
      .getByRole('button', { name: `More actions for ${name}` })
      .or(page.getByRole('button', { name: /more/i }))
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Destroy' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Wipe its data').click();
    const destroy = dialog.getByRole('button', { name: 'Destroy and wipe' });
    expect(await destroy.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill(name);
    await destroy.click();
    await eventually('the claw is gone', 120, async () => {
      const { rows } = await fleet.database.query('SELECT 1 FROM instance WHERE name = $1 AND destroyed_at IS NOT NULL', [name]);
      return rows.length === 1;
    });
  });

  test('nothing went wrong in the browser, and nothing was asked of another origin', () => {
    expect(person.offences).toEqual([]);
  });
});
