/** Languages of the pages that the entry itself answers. */
export const LANGUAGES = ['en', 'zh', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of these that a browser likes best, by its `Accept-Language`. */
export function preferredLanguage(header: string | undefined): Language {
  const wishes = (header ?? '').split(',').map((part) => {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const quality = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find((value) => value !== undefined);
    return { language: LANGUAGES.find((language) => tag === language || tag.startsWith(`${language}-`)), quality: quality === undefined ? 1 : Number(quality) };
  });
  const known = wishes.filter(({ language, quality }) => language !== undefined && quality > 0);
  return known.sort((a, b) => b.quality - a.quality)[0]?.language ?? 'en';
}
