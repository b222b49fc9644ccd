import { Command, CommanderError } from 'commander';
import { CliError, ExitCode, formatError } from '../lib/errors.ts';
import type { Io } from '../lib/io.ts';
import { EPILOGUE } from '../lib/reference.ts';
import { paintFor } from '../lib/style.ts';
import { addAccountCommands } from './account.ts';
import { addConfigCommands } from './configs.ts';
import { addLifecycleCommands, addViewCommands } from './instances.ts';
import { addLimitCommands } from './limits.ts';
import { actFor } from './options.ts';
import { addPeopleCommands } from './people.ts';
import { addOperationCommands, addPlatformCommands, addProviderCommands } from './platform.ts';
import { addRolloutCommands } from './rollouts.ts';
import { addSecurityCommands } from './security.ts';
import { addSsoCommands } from './sso.ts';
import { addTenantCommands } from './tenants.ts';

/** `--profile` and `--tenant` are read after every command, not only before it. */
function addProfileOption(command: Command): void {
  if (command.commands.length === 0) withProfile(command);
  for (const child of command.commands) addProfileOption(child);
}

function withProfile(command: Command): void {
  command.option('--profile <name>', 'use this profile');
  if (!command.options.some(({ long }) => long === '--tenant')) command.option('--tenant <tenant>', 'use the profile that is signed in to this tenant');
}

function forwardOutput(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    outputError: (text, write) => write(text.replace(/^error: /, `${paintFor(io.stderr, io.env)('red', 'claw:')} `)),
  });
  for (const child of command.commands) forwardOutput(child, io);
}

/** The whole of `claw`: names, arguments and options; what they do is loaded when it runs. */
export function buildProgram(io: Io, version: string): Command {
  const program = new Command('claw');
  // Positional options keep `claw --version` apart from `claw create NAME --version V`.
  program.description('Runs a fleet of AI agents on a ClawLoops platform.').version(version).enablePositionalOptions().addHelpText('after', EPILOGUE);
  withProfile(program);
  const act = actFor(io, program);
  program.commandsGroup('Platform and account:');
  addAccountCommands(program, act);
  program.commandsGroup('People:');
  addPeopleCommands(program, act);
  addTenantCommands(program, act);
  addSsoCommands(program, act);
  program.commandsGroup('Instances:');
  addLifecycleCommands(program, act);
  addViewCommands(program, act);
  program.commandsGroup('Operations, models, types:');
  addOperationCommands(program, act);
  addRolloutCommands(program, act);
  addConfigCommands(program, act);
  addProviderCommands(program, act);
  addPlatformCommands(program, act);
  addLimitCommands(program, act);
  addSecurityCommands(program, act);
  for (const child of program.commands) addProfileOption(child);
  forwardOutput(program, io);
  return program;
}

/** Runs a command line and gives back the exit code; errors are on standard error by then. */
export async function runClaw(argv: readonly string[], io: Io, version: string): Promise<number> {
  try {
    await buildProgram(io, version).parseAsync(argv, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    const told =
      error instanceof CliError ? error : new CliError(ExitCode.failed, error instanceof Error ? error.message : String(error), { code: 'INTERNAL' });
    if (io.interrupted.aborted && told.exitCode !== ExitCode.interrupted) return ExitCode.interrupted;
    if (told.exitCode !== ExitCode.interrupted || told.details.nextStep) io.stderr.write(formatError(told, io));
    return told.exitCode;
  }
}
