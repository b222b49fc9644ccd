/** Data of each event of a server-sent event stream, as it arrives. Comments and other fields are left out. */
export async function* readEvents(stream: AsyncIterable<Uint8Array | string>, maxEventCharacters = 1024 * 1024): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let characters = 0;
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > maxEventCharacters) throw new Error('an event of the stream is too long');
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      characters = line === '' ? 0 : characters + line.length;
      if (characters > maxEventCharacters) throw new Error('an event of the stream is too long');
      if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
      }
    }
  }
  if (data.length > 0) yield data.join('\n');
}
