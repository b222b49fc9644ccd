import { FAILURES, Failure, type FailureCode } from '../../workflows/contracts/failures.ts';
import { Phase } from '../../workflows/contracts/instance.ts';
import { problemOf } from '../http/problem.ts';
import { ENTRY_TEXTS, EntryPage } from './entry-texts.ts';
import type { Language } from './language.ts';

/** An answer of the entry itself, whole. */
export interface EntryAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PageWish {
  readonly page: EntryPage;
  readonly language: Language;
  /** Where the button leads. */
  readonly href: string;
  readonly requestId: string;
  /** Whether the one who asks shows pages; else it gets a problem document. */
  readonly html: boolean;
}

const CODES: Readonly<Record<EntryPage, FailureCode>> = {
  signIn: 'UNAUTHENTICATED',
  usedCode: 'UNAUTHENTICATED',
  forbidden: 'FORBIDDEN',
  coming: 'GATEWAY_UNAVAILABLE',
  stopped: 'GATEWAY_UNAVAILABLE',
  failed: 'GATEWAY_UNAVAILABLE',
  gone: 'NOT_FOUND',
  noPage: 'NOT_FOUND',
  older: 'GATEWAY_UNAVAILABLE',
  unreachable: 'GATEWAY_UNAVAILABLE',
};
/** Pages that may turn into the claw's own by themselves. */
const LOOKS_AGAIN: readonly EntryPage[] = [EntryPage.coming, EntryPage.stopped, EntryPage.failed, EntryPage.older, EntryPage.unreachable];
const AGAIN_SECONDS = 3;

/** Which page stands for a claw in this phase, or null when its own can be shown. */
export function pageOfPhase(phase: Phase): EntryPage | null {
  if (phase === Phase.running) return null;
  if (phase === Phase.stopped || phase === Phase.stopping) return EntryPage.stopped;
  if (phase === Phase.failed) return EntryPage.failed;
  return phase === Phase.destroyed || phase === Phase.destroying ? EntryPage.gone : EntryPage.coming;
}

export function renderEntryPage({ page, language, href, requestId, html }: PageWish): EntryAnswer {
  const code = CODES[page];
  const text = ENTRY_TEXTS[language][page];
  const again = LOOKS_AGAIN.includes(page);
  const headers = {
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
    Vary: 'Accept-Language, Cookie',
    ...(again ? { 'Retry-After': String(AGAIN_SECONDS) } : {}),
  };
  if (!html) {
    const body = JSON.stringify(problemOf(new Failure(code, `${ENTRY_TEXTS.en[page].title}. ${ENTRY_TEXTS.en[page].what}`), requestId));
    return { status: FAILURES[code].status, headers: { ...headers, 'Content-Type': 'application/problem+json' }, body };
  }
  return {
    status: FAILURES[code].status,
    headers: {
      ...headers,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
    body: document({ language, title: text.title, what: text.what, action: text.action, href, again }),
  };
}

interface Shown {
  readonly language: Language;
  readonly title: string;
  readonly what: string;
  readonly action: string;
  readonly href: string;
  readonly again: boolean;
}

function document({ language, title, what, action, href, again }: Shown): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${again ? `<meta http-equiv="refresh" content="${AGAIN_SECONDS}">\n` : ''}<title>${escaped(title)}</title>
<style>
:root { --ink: #18181b; --soft: #52525b; --paper: #fafafa; --card: #fff; --line: #e4e4e7; --go: #047857; --on-go: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #fafafa; --soft: #a1a1aa; --paper: #09090b; --card: #18181b; --line: #27272a; --go: #34d399; --on-go: #022c22; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { width: 100%; max-width: 28rem; padding: 2rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--card); }
h1 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.35; text-wrap: balance; }
p { margin: 0 0 1.5rem; color: var(--soft); }
a { display: inline-block; padding: .5rem 1rem; border-radius: .5rem; background: var(--go); color: var(--on-go); font-weight: 600; text-decoration: none; }
a:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
</style>
</head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(what)}</p><a href="${escaped(href)}">${escaped(action)}</a></main></body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
