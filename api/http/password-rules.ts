import { createHash } from 'node:crypto';
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { Logger } from '../../activities/platform/logger.ts';
import { Failure } from '../../workflows/contracts/failures.ts';

export interface PasswordRuleOptions {
  /** Address that answers k-anonymity range queries as Have I Been Pwned does; null = stolen passwords are not looked for. */
  readonly rangeUrl: string | null;
  readonly logger: Logger;
}

export interface PasswordRules {
  /**
   * Throws PASSWORD_WEAK or PASSWORD_BREACHED for a password that nobody should choose; `path` is the field it came in, `own` what an
   * attacker would know of the person. Of the password five characters of its SHA-1 leave the process, no more.
   */
  check(password: string, path: string, own?: readonly string[]): Promise<void>;
}

/** 10⁸ guesses: safe against whoever has to ask us each time, and far more than our waits let through. */
const LEAST_SCORE = 3;
const RANGE_MS = 2_000;
const PREFIX_CHARACTERS = 5;
const PRODUCT = ['clawloops', 'claw', 'claws'];

export function createPasswordRules({ rangeUrl, logger }: PasswordRuleOptions): PasswordRules {
  let judge: Promise<ZxcvbnFactory> | null = null;
  return {
    check: async (password, path, own = []) => {
      judge ??= loadJudge();
      const known = [...PRODUCT, ...own.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length > 2)];
      if ((await judge).check(password, known).score < LEAST_SCORE) throw refused('PASSWORD_WEAK', path, 'is too easy to guess');
      if (rangeUrl && (await isStolen(rangeUrl, password, logger))) throw refused('PASSWORD_BREACHED', path, 'stands in a list of stolen passwords');
    },
  };
}

function refused(code: 'PASSWORD_WEAK' | 'PASSWORD_BREACHED', path: string, message: string): Failure {
  return new Failure(code, undefined, { errors: [{ path, message }] });
}

/** Its word lists take a tenth of a second to unpack, so they wait for the first new password. */
async function loadJudge(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common')]);
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}

/** A list that cannot be asked stops nobody: the strength was checked already. */
async function isStolen(rangeUrl: string, password: string, logger: Logger): Promise<boolean> {
  const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
  const wanted = digest.slice(PREFIX_CHARACTERS);
  try {
    const answer = await fetch(`${rangeUrl.replace(/\/+$/, '')}/${digest.slice(0, PREFIX_CHARACTERS)}`, {
      headers: { 'add-padding': 'true' },
      redirect: 'error',
      signal: AbortSignal.timeout(RANGE_MS),
    });
    if (!answer.ok) throw new Error(`answered ${answer.status}`);
    // Padding has the count 0.
    return (await answer.text()).split(/\r?\n/).some((line) => line.toUpperCase().startsWith(`${wanted}:`) && !line.endsWith(':0'));
  } catch (error) {
    logger.warn({ kind: (error as Error).name }, 'the list of stolen passwords could not be asked; the password was taken without it');
    return false;
  }
}
