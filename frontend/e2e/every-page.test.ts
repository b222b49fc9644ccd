import { gzipSync } from 'node:zlib';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { echoManifest } from '../../deploy/local/testing/echo-type.ts';
import { type Fleet, instanceInPhase, ok, operationEnd, startFleet } from '../../deploy/local/testing/fleet.ts';
import { withDatabase } from '../../deploy/local/testing/services.ts';
import { openBrowser, type Visit, visit } from './browser.ts';
import { LANGUAGES, type Language, prepare, settled, signIn, speak, untidiness, WIDTHS } from './look.ts';
import { everyPage, type PageVisit, type Shown } from './pages.ts';

/** What a browser may have to fetch before somebody sees their fleet. */
const FIRST_SCRIPT_BYTES_MAX = 235_000;

/** A fleet of three small claws, one of them stopped, a config, and a rollout that waits. */
async function claws(fleet: Fleet): Promise<Shown> {
  ok(await fleet.api.POST('/claw-types', { body: { ...echoManifest() } }));
  const made = [];
  for (const name of ['sales-eu', 'sales-us', 'support']) {
    const resources = { cpu: '10m', memory: '64Mi' };
    const answer = ok(await fleet.api.POST('/instances', { body: { name, type: 'echo', labels: { env: 'prod', team: name.slice(0, 5) }, resources } }));
    made.push(answer as { operation: { id: string }; instance: { id: string } });
  }
  for (const { instance } of made) await instanceInPhase(fleet, instance.id, 'Running');
  const [first, , last] = made;
  const stopped = ok(await fleet.api.POST('/instances/{id}/stop', { params: { path: { id: String(last?.instance.id) } } }));
  await operationEnd(fleet, stopped.operation.id);
  // It waits for somebody else to agree, so it touches nothing.
  const asks = { name: 'winter restart', change: { kind: 'restart' as const }, approvalBeforeStart: {} };
  const rollout = ok(await fleet.api.POST('/rollouts', { body: asks }));
  const config = ok(await fleet.api.POST('/configs', { body: { name: 'desk', type: 'echo' } }));
  return { instance: String(first?.instance.id), operation: String(first?.operation.id), rollout: rollout.id, config: config.id };
}

/** Goes to another page without a reload, as a link would. */
async function go(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState({}, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }, path);
}

const OTHER = 'usr_00000000000000000000';

describe('the portal on a fleet', () => {
  let fleet: Fleet;
  let browser: Browser;
  let shown: Promise<Shown> | null = null;
  const visits: Visit[] = [];

  /** The claws of the fleet, made by the first test that needs them. */
  const someClaws = (): Promise<Shown> => {
    shown ??= claws(fleet);
    return shown;
  };

  /** The last owner of a tenant stays one, so whoever is to become less needs somebody beside them. */
  const anotherOwner = () =>
    fleet.database.query("INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, 'owner') ON CONFLICT DO NOTHING", [fleet.tenantId, OTHER]);

  async function open(width: (typeof WIDTHS)[number], signedIn = true): Promise<Visit> {
    const one = await visit(browser, fleet.platform.url);
    visits.push(one);
    await prepare(one.context);
    if (signedIn) await signIn(fleet, one.context);
    await one.page.setViewportSize(width);
    return one;
  }

  /**
   * Looks at the pages in one language; answers everything that is wrong. What axe judges, roles and contrast, does not depend on the
   * language, so English alone is held against it, in light and dark.
   */
  async function walk({ page, accessibilityProblems, offences }: Visit, pages: readonly PageVisit[], language: Language): Promise<string[]> {
    const wrong: string[] = [];
    await page.goto('/sign-in');
    await speak(page, language);
    for (const { path } of pages) {
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.goto(path);
      await settled(page);
      const found = await untidiness(page);
      if (language === 'en') {
        found.push(...(await accessibilityProblems()));
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
        await page.waitForFunction(() => document.documentElement.classList.contains('dark'));
        found.push(...(await accessibilityProblems()).map((problem) => `dark: ${problem}`));
      }
      wrong.push(...found.map((problem) => `${language} ${path}: ${problem}`));
    }
    return [...wrong, ...offences];
  }

  beforeAll(async () => {
    fleet = await startFleet({ portal: true, models: false });
    browser = await openBrowser();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const [index, one] of visits.entries()) if (!one.page.isClosed()) await one.picture(`${task.name.replaceAll(/\W+/g, '-')}-${index}`);
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.close();
  });

  test.for(WIDTHS)('without a single claw says what to do first ($name)', async (width) => {
    const person = await open(width);
    const pages = everyPage({ instance: 'none', operation: 'none', rollout: 'none', config: 'none' }).filter(({ name }) =>
      ['home', 'instances', 'operations', 'events', 'models', 'hosts'].includes(name),
    );
    expect(await walk(person, pages, 'en')).toEqual([]);
    await person.page.goto('/instances');
    await person.page.getByText('No instances yet').waitFor();
    await person.context.close();
  });

  test('needs little script before somebody sees their fleet', async () => {
    const person = await open(WIDTHS[0]);
    const fetched: Promise<number>[] = [];
    person.page.on('response', (response) => {
      if (response.request().resourceType() === 'script') fetched.push(response.body().then((body) => gzipSync(body).length));
    });
    await person.page.goto('/', { waitUntil: 'networkidle' });
    await settled(person.page);
    const bytes = (await Promise.all(fetched)).reduce((sum, size) => sum + size, 0);
    expect(fetched.length).toBeGreaterThan(5);
    expect(bytes).toBeLessThan(FIRST_SCRIPT_BYTES_MAX);
    await person.context.close();
  });

  const looks = WIDTHS.flatMap((width) => LANGUAGES.map((language) => ({ width, language, title: `${width.name}, ${language}` })));

  test.for(looks)('is readable, still and complete ($title)', async ({ width, language }) => {
    const pages = everyPage(await someClaws());
    const stranger = await open(width, false);
    const person = await open(width);
    const [outside, inside] = await Promise.all([
      walk(
        stranger,
        pages.filter((page) => page.public),
        language,
      ),
      walk(
        person,
        pages.filter((page) => !page.public),
        language,
      ),
    ]);
    expect([...outside, ...inside]).toEqual([]);
    await Promise.all([stranger.context.close(), person.context.close()]);
  });

  test('offers a viewer nothing that would be refused', async () => {
    await someClaws();
    await anotherOwner();
    const role = (to: string) => fleet.database.query('UPDATE membership SET role = $1 WHERE tenant_id = $2 AND user_id <> $3', [to, fleet.tenantId, OTHER]);
    await role('viewer');
    try {
      const { page, context, accessibilityProblems } = await open(WIDTHS[0]);
      await page.goto('/instances');
      await page.getByRole('link', { name: 'sales-eu' }).waitFor();
      expect(await page.getByRole('link', { name: 'Create instance' }).count()).toBe(0);
      expect(await page.getByRole('checkbox').count()).toBe(0);
      await page.goto('/instances/new');
      await page.getByText('You may not see this.').waitFor();
      expect(await accessibilityProblems()).toEqual([]);
      await context.close();
    } finally {
      await role('owner');
    }
  });

  test('says to somebody who is no member any more that they may not see it', async () => {
    await someClaws();
    await anotherOwner();
    const member = 'SELECT user_id, role FROM membership WHERE tenant_id = $1 AND user_id <> $2';
    const { context, page, accessibilityProblems } = await open(WIDTHS[1]);
    const { rows } = await fleet.database.query(member, [fleet.tenantId, OTHER]);
    await fleet.database.query('DELETE FROM membership WHERE tenant_id = $1 AND user_id <> $2', [fleet.tenantId, OTHER]);
    // Whoever looks after the platform may look into any tenant.
    await fleet.database.query('UPDATE platform_role SET user_id = $1', [OTHER]);
    try {
      await page.goto('/instances');
      await page.getByRole('alert').getByText('You may not see this.').waitFor();
      expect(await accessibilityProblems()).toEqual([]);
    } finally {
      await fleet.database.query('UPDATE platform_role SET user_id = $1', [rows[0]?.user_id]);
      for (const row of rows)
        await fleet.database.query('INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, $3)', [fleet.tenantId, row.user_id, row.role]);
    }
    await context.close();
  });

  test('shows what is wrong, under which request, and tries again while the database is away', async () => {
    const person = await open(WIDTHS[0]);
    // Settings need nothing from the API; from there every page is opened for the first time.
    await person.page.goto('/settings');
    await settled(person.page);
    const database = new pg.Client({ connectionString: withDatabase(fleet.platform.databaseUrls.superuser, 'postgres') });
    await database.connect();
    const without = async (work: () => Promise<void>) => {
      await database.query('ALTER DATABASE clawloops ALLOW_CONNECTIONS false');
      try {
        // Waits until they are gone, so that none answers a last time.
        await database.query("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = 'clawloops'");
        await work();
      } finally {
        await database.query('ALTER DATABASE clawloops ALLOW_CONNECTIONS true');
      }
    };
    const needs = ['home', 'instances', 'instance-new', 'instance', 'operations', 'operation', 'events', 'models', 'hosts'];
    const pages = everyPage(await someClaws()).filter(({ name, path }) => needs.includes(name) && !path.includes('?'));
    try {
      await without(async () => {
        for (const { path } of pages) {
          await go(person.page, path);
          const alert = person.page.getByRole('alert').filter({ hasText: 'Request' }).first();
          await alert.getByRole('button', { name: 'Try again' }).waitFor();
          expect(await person.accessibilityProblems(), path).toEqual([]);
        }
      });
      await go(person.page, '/instances');
      await person.page
        .getByRole('link', { name: 'sales-eu' })
        .or(person.page.getByRole('button', { name: 'Try again' }))
        .first()
        .waitFor();
      await expect
        .poll(async () => {
          const again = person.page.getByRole('button', { name: 'Try again' });
          // The page tries by itself too, and then the button goes.
          if ((await again.count()) > 0)
            await again
              .first()
              .click({ timeout: 1_000 })
              .catch(() => undefined);
          return person.page.getByRole('link', { name: 'sales-eu' }).count();
        })
        .toBe(1);
    } finally {
      await database.end();
    }
    await person.context.close();
  });

  test('keeps a view for its person in every browser', async () => {
    await someClaws();
    const first = await open(WIDTHS[0]);
    await first.page.goto('/instances');
    await first.page.getByLabel('Filter by labels').fill('env=prod');
    await first.page.getByRole('button', { name: 'Save view' }).click();
    const dialog = first.page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Production');
    expect(await first.accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const second = await open(WIDTHS[0]);
    await second.page.goto('/instances');
    await second.page.getByRole('link', { name: 'Production' }).click();
    await second.page.waitForURL(/labels=env(=|%3D)prod/);
    expect([...first.offences, ...second.offences]).toEqual([]);
    await Promise.all([first.context.close(), second.context.close()]);
  });

  test('acts on many after saying who is affected, who is left out, and what goes', async () => {
    await someClaws();
    const { page, context, accessibilityProblems, offences } = await open(WIDTHS[0]);
    const dialog = page.getByRole('dialog');
    await page.goto('/instances');
    await page.getByRole('checkbox', { name: 'Select every instance on this page' }).click();
    const bar = page.getByRole('toolbar', { name: 'Actions for the selection' });
    await bar.getByText('3 selected').waitFor();
    await bar.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByRole('heading', { name: 'Stop 2 instances?' }).waitFor();
    await dialog.getByText('1 left out').waitFor();
    expect(await accessibilityProblems()).toEqual([]);
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByText('2 accepted, 0 refused').waitFor();
    await dialog.getByText('2 of 2 ended').waitFor({ timeout: 120_000 });
    await dialog.getByRole('link', { name: 'Show operations' }).click();
    await page.waitForURL(/request=bulk-/);
    await expect.poll(() => page.getByRole('article').count()).toBe(2);

    await page.goto('/instances');
    await page.getByRole('checkbox', { name: 'Select every instance on this page' }).click();
    await bar.getByRole('button', { name: 'More actions for the selection' }).click();
    await page.getByRole('menuitem', { name: 'Destroy' }).click();
    await dialog.getByText('Wipe its data').click();
    const destroy = dialog.getByRole('button', { name: 'Destroy and wipe' });
    expect(await destroy.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('3');
    await destroy.click();
    await dialog.getByText('3 of 3 ended').waitFor({ timeout: 120_000 });
    expect(offences).toEqual([]);
    await context.close();
  });
});
