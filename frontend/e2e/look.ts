import type { BrowserContext, Page } from 'playwright-core';
import type { Fleet } from '../../deploy/local/testing/fleet.ts';

export const WIDTHS = [
  { name: 'desktop', width: 1440, height: 900 },
  { name: 'phone', width: 390, height: 844 },
] as const;

export const LANGUAGES = ['en', 'zh', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** More than this and what somebody is about to press has moved. */
export const LAYOUT_SHIFT_MAX = 0.1;

/** Signs the first administrator in, without the form. */
export async function signIn(fleet: Fleet, context: BrowserContext): Promise<void> {
  const answer = await context.request.post('/api/auth/sign-in/email', { data: fleet.admin, headers: { origin: fleet.platform.url } });
  if (!answer.ok()) throw new Error(`sign-in failed: ${answer.status()} ${await answer.text()}`);
}

/** Pages of this context are in this language from their first paint, and count how far they move while they load. */
export async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const seen = window as unknown as { moved: number };
    seen.moved = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entry.hadRecentInput) seen.moved += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export async function speak(page: Page, language: Language): Promise<void> {
  await page.evaluate((tag) => localStorage.setItem('clawloops-language', tag), language);
}

/** Until the page shows what it has to show: a heading, no skeleton, its fonts, and a frame painted with all of it. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('[data-slot=skeleton], .animate-pulse') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

/** What is wrong with how the page lies there: wider than the screen, or moved while it loaded. */
export function untidiness(page: Page): Promise<string[]> {
  return page.evaluate((most) => {
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
      const widest = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
      found.push(`${scrollWidth - clientWidth} px wider than the screen: ${widest.at(-1)?.outerHTML.slice(0, 160)}`);
    }
    const { moved } = window as unknown as { moved: number };
    if (moved >= most) found.push(`moved by ${moved.toFixed(3)} while it loaded`);
    return found;
  }, LAYOUT_SHIFT_MAX);
}
