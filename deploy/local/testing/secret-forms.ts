/** Every usual way to write the same text, base64 also where it stands within something longer. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // Within a longer text its first and last characters are mixed with what stands beside it.
  const within = [1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(4, -4);
    return inner.length >= 16 ? [inner, inner.replaceAll('+', '-').replaceAll('/', '_')] : [];
  });
  return [
    ...new Set([
      secret,
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      ...within,
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      encodeURIComponent(secret),
      JSON.stringify(secret).slice(1, -1),
    ]),
  ];
}

/** Names of the planted secrets that `content` holds in any form. */
export function secretsIn(content: Buffer, planted: Readonly<Record<string, string>>): string[] {
  return Object.entries(planted).flatMap(([name, secret]) => (formsOf(secret).some((form) => content.includes(form)) ? [name] : []));
}
