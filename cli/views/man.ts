import type { Command, Option } from 'commander';

/** Tables of the page that the tree of commands does not hold. */
export interface Reference {
  readonly environment: readonly (readonly [string, string])[];
  readonly files: readonly (readonly [string, string])[];
  readonly exitCodes: readonly (readonly [number, string])[];
}

/** Options that every command takes are told once. */
const COMMON: ReadonlySet<string> = new Set(['--profile', '--help']);

/** Text for roff: nothing in it is taken for a command, and only ASCII comes out, whatever the reader's locale. */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('…', '...')
    .replaceAll('’', "'")
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replace(/[^\n -~]/gu, (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^\./gm, '\\&.');
}

const bold = (text: string): string => `\\fB${roffText(text)}\\fR`;
const italic = (text: string): string => `\\fI${roffText(text)}\\fR`;

/** Flags bold, what they take in italics: `-o, --output <format>`. */
function flags(option: Option): string {
  const [names, value] = option.flags.split(/ (?=[<[])/);
  return `${(names ?? '').split(', ').map(bold).join(', ')}${value ? ` ${italic(value.replace(/[<>]/g, ''))}` : ''}`;
}

function usage(command: Command, path: string): string {
  const values = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? italic(name) : `[${italic(name)}]`;
  });
  return [bold(path), ...values].join(' ');
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return roffText(/[.!?…]$/.test(whole) ? whole : `${whole}.`);
};

function entry(command: Command, path: string): string[] {
  const help = command.createHelp();
  const items = [
    ...command.registeredArguments.filter(({ description }) => description).map((one) => [italic(one.name()), help.argumentDescription(one)] as const),
    ...command.options
      .filter(({ hidden, long }) => !hidden && !COMMON.has(long ?? ''))
      .map((option) => [flags(option), help.optionDescription(option)] as const),
  ];
  const description = command.description();
  return [
    '.TP',
    usage(command, path),
    sentence(command.summary()),
    ...(description ? ['.br', roffText(description)] : []),
    ...(items.length > 0 ? ['.RS', ...items.flatMap(([term, text]) => ['.TP', term, roffText(text)]), '.RE'] : []),
  ];
}

function leaves(command: Command, path: string): { readonly command: Command; readonly path: string }[] {
  const children = command.commands.filter((child) => !child.name().startsWith('__'));
  return children.length === 0 ? [{ command, path }] : children.flatMap((child) => leaves(child, `${path} ${child.name()}`));
}

function commands(program: Command): string[] {
  const groups = new Map<string, string[]>();
  for (const child of program.commands.filter((one) => !one.name().startsWith('__'))) {
    const heading = child.helpGroup().replace(/:$/, '');
    const lines = leaves(child, `${program.name()} ${child.name()}`).flatMap((leaf) => entry(leaf.command, leaf.path));
    groups.set(heading, [...(groups.get(heading) ?? []), ...lines]);
  }
  return [...groups].flatMap(([heading, lines]) => [...(heading ? [`.SS ${roffText(heading)}`] : []), ...lines]);
}

const list = (items: readonly (readonly [string | number, string])[]): string[] => items.flatMap(([term, text]) => ['.TP', bold(String(term)), sentence(text)]);

/** The manual page of section 1, in roff, made of the tree of commands itself. */
export function formatMan(program: Command, version: string, { environment, files, exitCodes }: Reference): string {
  const name = program.name();
  const common = program.options.filter(({ long }) => COMMON.has(long ?? ''));
  const help = program.createHelp();
  const lines = [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "ClawLoops"`,
    '.SH NAME',
    `${name} \\- ${roffText(lowerFirst(program.description()).replace(/\.$/, ''))}`,
    '.SH SYNOPSIS',
    `${bold(name)} ${italic('command')} [${italic('argument')} ...] [${italic('option')} ...]`,
    '.SH DESCRIPTION',
    'Wherever a command takes an instance, a host or a provider, give its name or its id.',
    'Answers go to standard output; progress, questions and errors go to standard error.',
    `${bold(`${name} help`)} ${italic('command')} explains one command.`,
    '.SH COMMANDS',
    ...commands(program),
    '.SH OPTIONS OF EVERY COMMAND',
    ...common.flatMap((option) => ['.TP', flags(option), sentence(help.optionDescription(option))]),
    ...['.TP', `${bold('-h')}, ${bold('--help')}`, 'Explain the command.'],
    '.SH ENVIRONMENT',
    ...list(environment),
    '.SH FILES',
    ...list(files),
    '.SH EXIT STATUS',
    ...list(exitCodes),
  ];
  return `${lines.join('\n')}\n`;
}
