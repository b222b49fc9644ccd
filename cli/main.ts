#!/usr/bin/env node
import pkg from '../package.json' with { type: 'json' };
import { ExitCode } from './lib/errors.ts';
import { processIo } from './lib/io.ts';
import { runClaw } from './program/program.ts';

const LAST_WORDS_MS = 500;

const io = processIo();
// A command that does not notice Ctrl-C in time must not keep the person waiting.
io.interrupted.addEventListener('abort', () => setTimeout(() => process.exit(ExitCode.interrupted), LAST_WORDS_MS).unref());
process.exitCode = await runClaw(process.argv.slice(2), io, pkg.version);
// Connections that are kept open for a next request must not keep the process.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit();
