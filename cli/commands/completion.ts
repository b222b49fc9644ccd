import type { Command } from 'commander';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { KIND_WORDS } from '../lib/kinds.ts';

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_claw() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(claw __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _claw claw
`,
  zsh: `#compdef claw
_claw() {
  local -a words_found
  words_found=("\${(@f)$(claw __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- $words_found
}
compdef _claw claw
`,
  fish: `complete -c claw -f -a '(claw __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** `claw completion SHELL`: the script asks \`claw __complete\` for words, so it never goes out of date. */
export async function completion(context: Context, [shell = '']: readonly string[]): Promise<void> {
  context.io.stdout.write(SCRIPTS[shell] ?? '');
}

/** What stands at an argument, as far as names can be offered for it. */
export type Wanted = 'instances' | 'kinds' | 'operations' | 'providers' | 'hosts' | 'types';

/** What fits at the place of the last word: options and sub-commands of the command, and whose names to look up. */
export interface Suggestion {
  readonly words: readonly string[];
  readonly wanted: Wanted | null;
}

const BY_ARGUMENT: Readonly<Record<string, Wanted>> = {
  instance: 'instances',
  instances: 'instances',
  operation: 'operations',
  provider: 'providers',
  type: 'types',
  kind: 'kinds',
};
const BY_OPTION: Readonly<Record<string, Wanted>> = { '--instance': 'instances', '--host': 'hosts', '--type': 'types' };

function optionOf(command: Command, word: string) {
  return command.options.find((option) => option.long === word || option.short === word);
}

/** Walks the words of a command line down the program; pure, the last word is the one being typed. */
export function suggest(root: Command, words: readonly string[]): Suggestion {
  let command = root;
  let position = 0;
  const given = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  for (const [index, word] of given.entries()) {
    const before = given[index - 1];
    const takesValue = before !== undefined && optionOf(command, before)?.required === true;
    if (takesValue || word.startsWith('-')) continue;
    const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (child) command = child;
    else position += 1;
  }
  const last = given.at(-1);
  const option = last === undefined ? undefined : optionOf(command, last);
  if (option?.required) return { words: [...(option.argChoices ?? [])], wanted: BY_OPTION[option.long ?? ''] ?? null };
  if (current.startsWith('-')) return { words: command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? ''), wanted: null };
  const children = command.commands.map((child) => child.name()).filter((name) => !name.startsWith('__'));
  const argument = command.registeredArguments[position] ?? command.registeredArguments.findLast(({ variadic }) => variadic);
  return { words: position === 0 ? [...children, ...(argument?.argChoices ?? [])] : [], wanted: argument ? (BY_ARGUMENT[argument.name()] ?? null) : null };
}

async function namesOf(context: Context, wanted: Wanted): Promise<readonly string[]> {
  const { api } = await openSession(context);
  const query = { limit: 200 };
  switch (wanted) {
    case 'instances':
      return (await take(api.GET('/instances', { params: { query } }))).items.map(({ name }) => name);
    case 'kinds':
      return [...KIND_WORDS, ...(await namesOf(context, 'instances'))];
    case 'operations':
      return (await take(api.GET('/operations', { params: { query: { limit: 50, active: 'true' } } }))).items.map(({ id }) => id);
    case 'providers':
      return (await take(api.GET('/providers', { params: { query } }))).items.map(({ name }) => name);
    case 'hosts':
      return (await take(api.GET('/hosts', { params: { query } }))).items.map(({ name }) => name);
    case 'types':
      return (await take(api.GET('/claw-types'))).items.map(({ name }) => name);
  }
}

/** `claw __complete -- WORDS…`, called by the scripts: one suggestion per line. A platform that is away suggests nothing. */
export async function complete(context: Context, words: readonly string[]): Promise<void> {
  const current = words.at(-1) ?? '';
  const { words: fixed, wanted } = suggest(context.root, words);
  const looked = wanted ? await namesOf(context, wanted).catch(() => (wanted === 'kinds' ? KIND_WORDS : [])) : [];
  const fitting = [...new Set([...fixed, ...looked])].filter((word) => word.startsWith(current));
  context.io.stdout.write(fitting.map((word) => `${word}\n`).join(''));
}
