import { describe, expect, it } from 'vitest';
import { appendLines, asText, filterLines, highlight, levelOf, readable } from './log-lines.ts';

const line = (seq: number, text: string) => ({ seq, at: null, stream: 'stdout', text });

describe('levels of log lines', () => {
  it.each([
    ['[gateway] ERROR could not bind', 'error'],
    ['2026-01-01 warn: slow', 'warn'],
    ['{"level":50,"msg":"x"}', 'error'],
    ['{"level":30,"msg":"an error was mended"}', 'info'],
    ['{"a":"long enough to push the level beyond the head of the line, as real claws do now and then","level":"warn"}', 'warn'],
    ['DEBUG tick', 'debug'],
    ['listening on 18789', 'info'],
  ])('reads %s as %s', (text, level) => expect(levelOf({ text })).toBe(level));
});

describe('structured lines', () => {
  it('are shown as who speaks and what is said', () => {
    expect(readable({ text: '{"level":"info","subsystem":"gateway","message":"ready"}' })).toEqual({ source: 'gateway', text: 'ready' });
    expect(readable({ text: '{"level":30,"msg":"ready"}' })).toEqual({ source: null, text: 'ready' });
  });
  it('stay as they are when they say nothing or cannot be read', () => {
    expect(readable({ text: '{"a":1}' }).text).toBe('{"a":1}');
    expect(readable({ text: '{broken' }).text).toBe('{broken');
    expect(readable({ text: 'plain' })).toEqual({ source: null, text: 'plain' });
  });
});

describe('filtering', () => {
  const lines = [line(1, 'Listening'), line(2, 'error: no model'), line(3, 'warn: slow model')];
  it('finds text whatever its case', () => expect(filterLines(lines, 'MODEL', []).map((found) => found.seq)).toEqual([2, 3]));
  it('joins text and level', () => expect(filterLines(lines, 'model', ['warn']).map((found) => found.seq)).toEqual([3]));
  it('returns the very same list without a filter', () => expect(filterLines(lines, ' ', [])).toBe(lines));
});

describe('keeping lines', () => {
  it('drops what a resumed socket repeats', () => {
    expect(appendLines([line(1, 'a'), line(2, 'b')], [line(2, 'b'), line(3, 'c')]).map((kept) => kept.seq)).toEqual([1, 2, 3]);
  });
  it('forgets the oldest beyond the bound', () => {
    expect(appendLines([line(1, 'a'), line(2, 'b')], [line(3, 'c')], 2).map((kept) => kept.seq)).toEqual([2, 3]);
  });
  it('writes a file with time, stream and text', () => {
    expect(asText([{ seq: 1, at: '2026-01-01T00:00:00Z', stream: 'stderr', text: 'x' }, line(2, 'y')])).toBe('2026-01-01T00:00:00Z stderr x\nstdout y');
  });
});

describe('highlighting', () => {
  it('marks every hit and loses no character', () => {
    const pieces = highlight('Model demo, model x', 'model');
    expect(pieces.filter((piece) => piece.hit).map((piece) => piece.text)).toEqual(['Model', 'model']);
    expect(pieces.map((piece) => piece.text).join('')).toBe('Model demo, model x');
  });
});
