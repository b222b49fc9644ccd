/** The set-up code that the link of the first start carries in its fragment: `#code=…` or the code alone. Empty when there is none. */
export function codeOfFragment(fragment: string): string {
  const text = fragment.replace(/^#/, '');
  if (text === '') return '';
  const named = new URLSearchParams(text).get('code');
  return named ?? (text.includes('=') ? '' : decodeURIComponent(text));
}
