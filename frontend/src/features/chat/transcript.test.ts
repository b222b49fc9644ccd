import { describe, expect, it } from 'vitest';
import { ask, EMPTY_TRANSCRIPT, failAnswer, isAnswering, receive, stopAnswer } from './transcript.ts';

const asked = ask(EMPTY_TRANSCRIPT, 'm1', 'hello', '2026-01-01T00:00:00Z');

describe('a conversation', () => {
  it('has a place for the answer as soon as something was asked', () => {
    expect(asked.turns.map((turn) => [turn.role, turn.state])).toEqual([
      ['person', 'done'],
      ['claw', 'waiting'],
    ]);
    expect(isAnswering(asked)).toBe(true);
  });

  it('grows with each piece and ends with the model and the tokens', () => {
    let now = receive(asked, { seq: 1, type: 'delta', text: 'Hi', model: 'demo' });
    now = receive(now, { seq: 2, type: 'delta', text: ' there' });
    now = receive(now, { seq: 3, type: 'done', usage: { promptTokens: 10, completionTokens: 2 } });
    expect(now.turns.at(-1)).toMatchObject({ text: 'Hi there', state: 'done', model: 'demo', tokens: 12 });
    expect(isAnswering(now)).toBe(false);
  });

  it('drops what a resumed socket repeats', () => {
    const once = receive(asked, { seq: 1, type: 'delta', text: 'Hi' });
    expect(receive(once, { seq: 1, type: 'delta', text: 'Hi' })).toBe(once);
  });

  it('keeps the whole answer of a claw that does not stream', () => {
    expect(receive(asked, { seq: 1, type: 'done', text: 'All at once' }).turns.at(-1)?.text).toBe('All at once');
  });

  it('stays failed when the end follows the error', () => {
    const error = { code: 'MODEL_UNAVAILABLE', message: 'No answer.', nextStep: 'Wait.' };
    const failed = receive(receive(asked, { seq: 1, type: 'error', error }), { seq: 2, type: 'done' });
    expect(failed.turns.at(-1)).toMatchObject({ state: 'failed', error });
  });

  it('keeps what came before stop', () => {
    const stopped = stopAnswer(receive(asked, { seq: 1, type: 'delta', text: 'Once upon' }));
    expect(stopped.turns.at(-1)).toMatchObject({ text: 'Once upon', state: 'stopped' });
    expect(receive(stopped, { seq: 2, type: 'done' }).turns.at(-1)?.state).toBe('stopped');
  });

  it('fails only an open answer when the connection is lost', () => {
    const error = { code: 'NETWORK', message: 'Gone.', nextStep: 'Send again.' };
    expect(failAnswer(asked, error).turns.at(-1)?.state).toBe('failed');
    const done = receive(asked, { seq: 1, type: 'done' });
    expect(failAnswer(done, error)).toBe(done);
  });

  it('fails the answer when the line itself was refused, without losing count', () => {
    const error = { code: 'OPERATION_IN_PROGRESS', message: 'Still answering.', nextStep: 'Wait.' };
    const refused = receive({ ...asked, lastSeq: 4 }, { seq: 0, type: 'error', error });
    expect(refused.turns.at(-1)?.state).toBe('failed');
    expect(refused.lastSeq).toBe(4);
  });

  it('does not write what was asked in another tab into an answer that is complete', () => {
    const done = receive(receive(asked, { seq: 1, type: 'delta', text: 'Hi' }), { seq: 2, type: 'done' });
    const later = receive(done, { seq: 3, type: 'delta', text: ' and more' });
    expect(later.turns).toEqual(done.turns);
    expect(later.lastSeq).toBe(3);
  });

  it('ignores events before anything was asked but remembers where they ended', () => {
    expect(receive(EMPTY_TRANSCRIPT, { seq: 7, type: 'delta', text: 'x' })).toEqual({ turns: [], lastSeq: 7 });
  });
});
