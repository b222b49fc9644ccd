import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../deploy/local/testing/browser.ts';

/** A browser that only looks at the portal: it phones nobody else. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What is waited for comes when it comes, on a busy machine too. */
const PATIENCE_MS = 60_000;

/** One person's browser on the portal, and what must never happen in it. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, page errors and requests to other origins so far. */
  readonly offences: readonly string[];
  /** Rules of accessibility that the page breaks now, each with the elements that do. */
  accessibilityProblems(): Promise<string[]>;
  /** Keeps a picture for whoever reads a failure. */
  picture(name: string): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(), args: FLAGS });
}

export async function visit(browser: Browser, origin: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', locale: 'en-US', baseURL: origin });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const offences: string[] = [];
  page.on('pageerror', (error) => offences.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') offences.push(`console error: ${message.text()} ${message.location().url}`.trimEnd());
  });
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin) offences.push(`request to another origin: ${request.url()}`);
  });
  return {
    page,
    context,
    offences,
    accessibilityProblems: async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
    },
    picture: async (name) => {
      const folder = path.join(import.meta.dirname, 'pictures');
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
    },
  };
}
