import { join, resolve } from 'node:path';
import { scrub } from '../../workflows/contracts/redaction.ts';
import { type BundleFile, localLogs, unpackBundle, writeBundle } from '../lib/bundle.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type Diagnosis, diagnose, type Finding } from '../lib/diagnosis.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { formatJson } from '../lib/output.ts';
import { bytes, oneLine } from '../lib/text.ts';
import { look } from './doctor.ts';

interface Options {
  readonly output?: string;
  /** false with `--no-names`. */
  readonly names: boolean;
}

/** What a platform that can be asked gives, or why it gives nothing. */
type FromPlatform = { readonly files: readonly BundleFile[]; readonly leftOut: readonly string[] };

/** `claw support-bundle`: one file with what a supporter needs and no secret; nothing is sent anywhere. */
export async function supportBundle(context: Context, _args: readonly string[], { output, names }: Options): Promise<void> {
  const { io } = context;
  const folder = `clawloops-support-${io.now().toISOString().slice(0, 19).replace(/[:-]/g, '')}Z`;
  const file = resolve(output ?? `${folder}.tar.gz`);
  const diagnosis = diagnose(await look(context));
  const { files, leftOut } = await fromPlatform(context, names);
  const all = [{ name: 'doctor.json', text: formatJson(told(diagnosis, names)) }, ...files];
  await writeBundle(file, folder, all);
  const size = bytes(all.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0));
  io.stdout.write(`${file}\n`);
  io.stderr.write(`\nIn it (${size}):\n${all.map(({ name }) => `  ${name}\n`).join('')}\nLeft out:\n${leftOut.map((what) => `  ${oneLine(what)}\n`).join('')}`);
  io.stderr.write('\nNothing was sent anywhere. Look into it, then give it to whom you trust.\n');
}

async function fromPlatform(context: Context, names: boolean): Promise<FromPlatform> {
  try {
    const { api } = await openSession(context);
    const query = { names: names ? ('true' as const) : ('false' as const) };
    const archive = await take(api.GET('/system/support-bundle', { params: { query }, parseAs: 'arrayBuffer' }));
    const files = await unpackBundle(new Uint8Array(archive));
    const about = JSON.parse(files.find(({ name }) => name === 'about.json')?.text ?? '{}') as { leftOut?: string[] };
    return { files, leftOut: about.leftOut ?? [] };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode === ExitCode.interrupted) throw error;
    return withoutPlatform(context, error, names);
  }
}

/** A platform that does not answer is when its logs are needed most: on its own machine they are read from the data folder. */
async function withoutPlatform({ io }: Context, reason: CliError, names: boolean): Promise<FromPlatform> {
  const told = `what only the platform knows, because it gave nothing: ${scrub(reason.message)}`;
  if (!names) return { files: [], leftOut: [told, 'logs, because names in them could not be hidden'] };
  const dataDir = io.env['CLAWLOOPS_DATA_DIR'] ?? join(process.cwd(), '.clawloops');
  const files = await localLogs(dataDir);
  return { files, leftOut: [told, files.length > 0 ? 'lines of logs that repeat what was written' : `logs, because there are none below ${dataDir}`] };
}

/** The findings without secrets, and without names where those are hidden. */
function told({ status, components }: Diagnosis, names: boolean): Diagnosis {
  const finding = ({ name, message, fix, ...rest }: Finding): Finding => {
    if (!names && (name.startsWith('host ') || name === 'profile' || name === 'sign-in' || name === 'api'))
      return { name: name.split(' ', 1)[0] ?? name, ...rest };
    return { name, ...rest, ...(message ? { message: scrub(message) } : {}), ...(fix ? { fix: scrub(fix) } : {}) };
  };
  return { status, components: components.map(finding) };
}
