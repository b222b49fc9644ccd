import { interruptedError } from './client.ts';
import { usageError } from './errors.ts';
import { type Io, isInteractive, readStdin } from './io.ts';

async function ask<T>(answer: Promise<T>): Promise<Exclude<T, symbol>> {
  const value = await answer;
  if (typeof value === 'symbol') throw interruptedError();
  return value as Exclude<T, symbol>;
}

/** Asks yes or no on standard error; without a person to ask, `instead` says which option answers. */
export async function confirm(io: Io, message: string, instead: string): Promise<boolean> {
  if (!isInteractive(io)) throw usageError(`${message} There is nobody to ask.`, `Say it on the command line: ${instead}`);
  const prompts = await import('@clack/prompts');
  return ask(prompts.confirm({ message, initialValue: false, output: process.stderr }));
}

/** Asks for a word to be typed exactly, where data goes for good. */
export async function confirmByTyping(io: Io, message: string, word: string, instead: string): Promise<boolean> {
  if (!isInteractive(io)) throw usageError(`${message} There is nobody to ask.`, `Say it on the command line: ${instead}`);
  const prompts = await import('@clack/prompts');
  return (await ask(prompts.text({ message: `${message} Type ${word} to go on.`, output: process.stderr }))) === word;
}

/** Asks for a line of text. */
export async function askText(io: Io, message: string, instead: string): Promise<string> {
  if (!isInteractive(io)) throw usageError(`${message} is missing.`, `Say it on the command line: ${instead}`);
  const prompts = await import('@clack/prompts');
  return (await ask(prompts.text({ message, output: process.stderr, validate: (text) => (text?.trim() ? undefined : 'This is needed.') }))).trim();
}

/** A secret from standard input or typed unseen; never from the command line, where other users could read it. */
export async function askSecret(io: Io, message: string, fromStdin: boolean | undefined, option: string): Promise<string> {
  let secret: string;
  if (fromStdin) secret = await readStdin(io);
  else if (isInteractive(io)) {
    const prompts = await import('@clack/prompts');
    secret = (await ask(prompts.password({ message, output: process.stderr }))) ?? '';
  } else throw usageError(`${message} is missing.`, `Send it on standard input with ${option}`);
  if (!secret) throw usageError(`${message} is empty.`);
  return secret;
}
