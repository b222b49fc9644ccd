import type { ClawEntry } from '../../api/claw-pages.ts';

/**
 * Hands a code over to the host of its claw, and leaves for there. By a form, so that the code stands in no address; `path` is where to go
 * on from. The page must say where it comes from, which its policy keeps from others.
 */
export function handOver(entry: Pick<ClawEntry, 'url' | 'code'>, path: string): void {
  const referrer = document.createElement('meta');
  referrer.name = 'referrer';
  referrer.content = 'origin';
  document.head.append(referrer);
  const form = document.createElement('form');
  form.method = 'post';
  form.action = entry.url;
  for (const [name, value] of Object.entries({ code: entry.code, path })) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}
