import { stat } from 'node:fs/promises';
import { createApi, readPages, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { diagnose, type Observations, type Observed } from '../lib/diagnosis.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, viewContext } from '../lib/output.ts';
import { profilePath, readProfiles, resolveTarget } from '../lib/profile.ts';
import { formatDiagnosis } from '../views/doctor.ts';

/** Somebody waits in front of it: an answer that takes longer is itself what is wrong. */
const PATIENCE_MS = 10_000;

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  return new CliError(ExitCode.failed, error instanceof Error ? error.message : String(error), { code: 'INTERNAL' });
}

async function observe<T>(ask: () => Promise<T>): Promise<Observed<T>> {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const nextStep = 'On its machine: npm run status; log: logs/api.log';
      reject(new CliError(ExitCode.timeout, `There was no answer within ${PATIENCE_MS / 1000} s.`, { code: 'TIMEOUT', nextStep }));
    }, PATIENCE_MS);
  });
  try {
    return { value: await Promise.race([ask(), late]), ms: Math.round(performance.now() - began) };
  } catch (error) {
    const told = asCliError(error);
    if (told.exitCode === ExitCode.interrupted) throw told;
    return { error: told };
  } finally {
    clearTimeout(timer);
  }
}

async function profileOf({ io, profile }: Context): Promise<Observations['profile']> {
  const path = profilePath(io.env);
  // Windows has no such bits: what Node makes up there says nothing.
  const mode =
    process.platform === 'win32'
      ? null
      : await stat(path).then(
          ({ mode: bits }) => bits & 0o777,
          () => null,
        );
  try {
    const file = await readProfiles(io.env);
    const target = resolveTarget(file, io.env, profile);
    return { path, mode, target, email: target.profile === null ? null : (file.profiles[target.profile]?.email ?? null) };
  } catch (error) {
    return { path, mode, target: { error: asCliError(error) }, email: null };
  }
}

/** Everything that can be asked from here. */
export async function look(context: Context): Promise<Observations> {
  const { io, root } = context;
  const profile = await profileOf(context);
  const common = { claw: { version: root.version() ?? '', runtime: `Node ${process.version}` }, profile, now: io.now() };
  const nothing = { ...common, me: null, health: null, hosts: null };
  if (!('url' in profile.target)) return nothing;
  const api = createApi(profile.target.url, { authorization: `Bearer ${profile.target.apiKey}` }, io.interrupted);
  const me = await observe(() => take(api.GET('/me')));
  // Nobody else would be answered either, and each would say the same.
  if ('error' in me) return { ...nothing, me };
  const [health, hosts] = await Promise.all([
    observe(() => take(api.GET('/system/health'))),
    observe(async () => (await readPages((query) => take(api.GET('/hosts', { params: { query } })))).items),
  ]);
  return { ...common, me, health, hosts };
}

/** `claw doctor`: what is wrong between here and the claws, and what mends it; exit code 1 when something is down. */
export async function doctor(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { io } = context;
  const diagnosis = diagnose(await look(context));
  await printOne(io, output, diagnosis, diagnosis.status, formatDiagnosis(diagnosis, viewContext(io)));
  if (diagnosis.status !== 'down') return;
  const down = diagnosis.components.filter(({ status }) => status === 'down').map(({ name }) => name);
  throw new CliError(ExitCode.failed, `Down: ${down.join(', ')}.`, { code: 'DOWN' });
}
