import { describe, expect, it } from 'vitest';
import { createPasswordHashing, createTurns } from './password-hashing.ts';

/** A work that ends when it is told to. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { promise, resolve, reject };
}

describe('turns', () => {
  it('are taken so many at a time, in the order in which they were asked for', async () => {
    const turns = createTurns(2);
    const begun: number[] = [];
    const works = [held(), held(), held(), held()];
    const ends = works.map((work, index) =>
      turns(() => {
        begun.push(index);
        return work.promise;
      }),
    );
    expect(begun).toEqual([0, 1]);
    works[1]?.resolve('second');
    await ends[1];
    expect(begun).toEqual([0, 1, 2]);
    for (const work of works) work.resolve('done');
    expect(await Promise.all(ends)).toEqual(['done', 'second', 'done', 'done']);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('go on after one that failed', async () => {
    const turns = createTurns(1);
    const failed = turns(() => Promise.reject(new Error('no')));
    const next = turns(async () => 'yes');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(await turns(async () => 'later')).toBe('later');
  });
});

describe('the hash of a password', () => {
  it('is one that only the password fits, salted anew each time', async () => {
    const { hash, verify } = createPasswordHashing(1);
    const [one, other] = await Promise.all([hash('teal-orbit-cabbage-91'), hash('teal-orbit-cabbage-91')]);
    expect(one).not.toBe(other);
    const fits = await Promise.all(['teal-orbit-cabbage-91', 'teal-orbit-cabbage-92'].map((password) => verify({ hash: one, password })));
    expect(fits).toEqual([true, false]);
  });
});
