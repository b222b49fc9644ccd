import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram, runClaw } from '../program/program.ts';
import { captureIo } from '../testing/capture.ts';
import { formatMan, roffText } from './man.ts';

const tables = { environment: [['CLAW_URL', 'address']], files: [['~/x.json', 'profiles']], exitCodes: [[0, 'done']] } as const;

test('the page tells every command with its arguments and options, and keeps hidden ones to itself', () => {
  const program = new Command('claw').description('Runs a fleet.').version('1.2.3').option('--profile <name>', 'use this profile');
  program.commandsGroup('Instances:');
  program
    .command('stop')
    .summary('stop an instance; its data stays')
    .argument('[instances...]', 'name or id')
    .option('-w, --wait', 'follow it')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .option('--profile <name>', 'use this profile');
  program.command('key').command('revoke').summary('revoke a key').description('It is refused from then on.').argument('<key>', 'its id');
  program.command('__complete', { hidden: true });
  expect(formatMan(program, '1.2.3', tables)).toMatchInlineSnapshot(`
    ".TH CLAW 1 "" "claw 1.2.3" "ClawLoops"
    .SH NAME
    claw \\- runs a fleet
    .SH SYNOPSIS
    \\fBclaw\\fR \\fIcommand\\fR [\\fIargument\\fR ...] [\\fIoption\\fR ...]
    .SH DESCRIPTION
    Wherever a command takes an instance, a host or a provider, give its name or its id.
    Answers go to standard output; progress, questions and errors go to standard error.
    \\fBclaw help\\fR \\fIcommand\\fR explains one command.
    .SH COMMANDS
    .SS Instances
    .TP
    \\fBclaw stop\\fR [\\fIinstances...\\fR]
    Stop an instance; its data stays.
    .RS
    .TP
    \\fIinstances\\fR
    name or id
    .TP
    \\fB\\-w\\fR, \\fB\\-\\-wait\\fR
    follow it
    .TP
    \\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIformat\\fR
    how to print (choices: "table", "json", default: "table")
    .RE
    .TP
    \\fBclaw key revoke\\fR \\fIkey\\fR
    Revoke a key.
    .br
    It is refused from then on.
    .RS
    .TP
    \\fIkey\\fR
    its id
    .RE
    .SH OPTIONS OF EVERY COMMAND
    .TP
    \\fB\\-\\-profile\\fR \\fIname\\fR
    Use this profile.
    .TP
    \\fB\\-h\\fR, \\fB\\-\\-help\\fR
    Explain the command.
    .SH ENVIRONMENT
    .TP
    \\fBCLAW_URL\\fR
    Address.
    .SH FILES
    .TP
    \\fB~/x.json\\fR
    Profiles.
    .SH EXIT STATUS
    .TP
    \\fB0\\fR
    Done.
    "
  `);
});

test('text is never taken for a command of roff, and comes out as ASCII', () => {
  expect(roffText('.TH\n-- a\\b ’…é')).toBe('\\&.TH\n\\-\\- a\\eb \\(aq...\\[u00E9]');
  expect(roffText("'quoted")).toBe('\\(aqquoted');
});

test('the page of claw holds every command and option there is, and closes what it opens', async () => {
  const io = captureIo();
  expect(await runClaw(['man'], io, '9.9.9')).toBe(0);
  const page = io.out();
  const lines = page.split('\n');
  const walk = (command: Command, path: string): string[] => [
    ...(command.commands.length === 0 ? [`\\fB${roffText(path)}\\fR`] : []),
    ...command.options.filter(({ hidden }) => !hidden).map(({ long }) => `\\fB${roffText(long ?? '')}\\fR`),
    ...command.commands.filter((child) => !child.name().startsWith('__')).flatMap((child) => walk(child, `${path} ${child.name()}`)),
  ];
  const wanted = walk(buildProgram(captureIo(), '9.9.9'), 'claw').filter((text) => !text.includes('version\\fR'));
  expect(wanted.filter((text) => !page.includes(text))).toEqual([]);
  expect(page).not.toMatch(/__complete|undefined|[^\n -~]/);
  expect([...new Set(lines.filter((line) => line.startsWith('.')).map((line) => line.split(' ')[0]))].sort()).toEqual(
    ['.TH', '.SH', '.SS', '.TP', '.RS', '.RE', '.br'].sort(),
  );
  expect(lines.filter((line) => line === '.RS')).toHaveLength(lines.filter((line) => line === '.RE').length);
});
