import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../workflows/contracts/failures.ts';
import { type StreamWatch, watchEvents } from './event-stream.ts';
import type { TokenCount } from './token-count.ts';

async function pass(text: string, { showUsage = false, cuts = [] as number[] } = {}): Promise<{ out: string; tokens: TokenCount[]; errors: unknown[] }> {
  const tokens: TokenCount[] = [];
  const errors: unknown[] = [];
  const watch: StreamWatch = {
    showUsage,
    onTokens: (count) => tokens.push(count),
    onError: (error) => {
      errors.push(error);
      return new Failure('RATE_LIMITED', 'Slow down.');
    },
  };
  let out = '';
  for await (const part of watchEvents(cut(Buffer.from(text), cuts), watch)) out += part;
  return { out, tokens, errors };
}

async function* cut(bytes: Buffer, at: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  for (const [index, place] of [...places, bytes.length].entries()) yield bytes.subarray(index === 0 ? 0 : places[index - 1], place);
}

const say = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const usage = { prompt_tokens: 12, completion_tokens: 5, cost: 4.8e-6 };
const trailing = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {} }], usage })}\n\n`;
const DONE = 'data: [DONE]\n\n';

describe('events that pass', () => {
  it('come out as they went in, however the bytes were cut, multi-byte letters and Windows line ends included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 8 }),
        fc.array(fc.nat()),
        fc.boolean(),
        async (words, cuts, windows) => {
          const text = `${words.map(say).join('')}${DONE}`;
          const sent = windows ? text.replaceAll('\n', '\r\n') : text;
          expect((await pass(sent, { cuts })).out).toBe(text);
        },
      ),
    );
  });

  it('lose only the usage that nobody asked for, wherever the bytes are cut', async () => {
    const text = say('hi') + trailing + DONE;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
        expect(await pass(text, { cuts })).toEqual({ out: say('hi') + DONE, tokens: [{ promptTokens: 12, completionTokens: 5, costMicroUsd: 5 }], errors: [] });
      }),
    );
    expect((await pass(text, { showUsage: true })).out).toBe(text);
  });

  it('keep what a chunk says besides its usage', async () => {
    const last = { choices: [{ index: 0, delta: { content: 'bye' }, finish_reason: 'stop' }], usage };
    const { out, tokens } = await pass(`data: ${JSON.stringify(last)}\n\n`);
    expect(JSON.parse(out.slice('data: '.length))).toEqual({ choices: last.choices });
    expect(tokens).toHaveLength(1);
  });

  it('keep the usage that belongs to the response interface', async () => {
    const event = `event: response.completed\ndata: ${JSON.stringify({ type: 'response.completed', response: { usage: { input_tokens: 7, output_tokens: 4 } } })}\n\n`;
    expect(await pass(event)).toEqual({ out: event, tokens: [{ promptTokens: 7, completionTokens: 4, costMicroUsd: 0 }], errors: [] });
  });

  it('are not confused by models that talk about usage and errors', async () => {
    const text = say('{"usage":{"prompt_tokens":1}} and "error": {"message":"x"}') + DONE;
    expect(await pass(text)).toEqual({ out: text, tokens: [], errors: [] });
  });
});

describe('an error inside a stream', () => {
  it('is replaced by what we say about it', async () => {
    const { out, errors } = await pass(`${say('a')}data: {"error":{"message":"raw words","code":"429"}}\n\n`);
    expect(errors).toEqual([{ message: 'raw words', code: '429' }]);
    expect(out).toContain('"code":"RATE_LIMITED"');
    expect(out).not.toContain('raw words');
  });

  it('of the response interface keeps its form', async () => {
    const failed = { type: 'response.failed', response: { id: 'r', error: { code: 'server_error', message: 'raw words' } } };
    const { out } = await pass(`event: response.failed\ndata: ${JSON.stringify(failed)}\n\n`);
    expect(out).toMatch(/^event: response\.failed\ndata: /);
    expect(JSON.parse(out.split('data: ')[1] ?? '')).toEqual({
      type: 'response.failed',
      response: { id: 'r', error: { code: 'RATE_LIMITED', message: 'Slow down.' } },
    });
  });
});
