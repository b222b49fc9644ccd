import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerEcho, runningEcho } from '../deploy/local/faults/echo-claw.ts';
import type { Fleet } from '../deploy/local/testing/fleet.ts';
import { resolveTool } from '../deploy/local/tools/resolve.ts';
import { run } from '../deploy/local/tools/run.ts';
import { type PathsDocument, resourcesWithIds, withKnownIds } from './fuzz/known-ids.ts';
import { type Report, reportLines, reportRows, reportShape } from './fuzz/report.ts';
import type { Bench, BenchContext } from './lib/bench.ts';
import { loopbackUrl, withFleet } from './lib/fleet.ts';
import { row } from './lib/row.ts';

const CHECKS = ['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance', 'response_schema_conformance'];

/** To use up the key, the person or the tenant that asks would end the run and find nothing. */
const LEFT_ALONE = ['api-keys', 'members', 'people', 'tenants'];

const STRANGERS_SHARE = 0.2;
const STARTING_SECONDS = 120;
/** A request may wait half a minute for the end of an operation. */
const REQUEST_SECONDS = 45;
const FINDINGS_EXIT = / ended with 1:/;

/** Every operation of the API document with random and hostile input, by schemathesis: as an owner, and as nobody. */
export const fuzzBench: Bench = {
  name: 'fuzz',
  what: 'random and hostile input against the API document; ends with 1 when an answer breaks it',
  options: [
    { name: 'minutes', byDefault: 5, what: 'length' },
    { name: 'seed', byDefault: 0, what: 'decides what is asked; 0 = another one each time' },
  ],
  limitMinutes: (option) => option('minutes') + 15,
  run: (context) =>
    withFleet(context, async (fleet) => {
      const folder = await mkdtemp(join(tmpdir(), 'clawloops-fuzz-'));
      try {
        await fuzz(fleet, folder, context);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
};

async function fuzz(fleet: Fleet, folder: string, context: BenchContext): Promise<void> {
  await registerEcho(fleet);
  await runningEcho(fleet, 'target');
  const document = join(folder, 'openapi.json');
  await writeFile(document, JSON.stringify(await documentOf(fleet)));
  const seconds = context.option('minutes') * 60;
  const owner = await attack(fleet, { folder, document, who: 'an owner', credential: fleet.apiKey, seconds: seconds * (1 - STRANGERS_SHARE) }, context);
  const nobody = await attack(fleet, { folder, document, who: 'nobody', credential: null, seconds: seconds * STRANGERS_SHARE }, context);
  const { response, error } = await fleet.api.GET('/instances');
  context.measured(row('the API does not answer its owner afterwards', response.status === 200 ? 0 : 1, '', 0));
  const afterwards = response.status === 200 ? [] : [`afterwards the owner is answered ${response.status}: ${JSON.stringify(error)}`];
  const found = [...reportLines('an owner', owner), ...reportLines('nobody', nobody), ...afterwards];
  if (found.length > 0) throw new Error(['Something is broken:', ...found].join('\n'));
}

async function documentOf(fleet: Fleet): Promise<PathsDocument> {
  const read = async (path: string) => (await fetch(`${loopbackUrl(fleet)}/api/v1${path}`, { headers: { authorization: `Bearer ${fleet.apiKey}` } })).json();
  const document = (await read('/openapi.json')) as PathsDocument;
  const ids = new Map<string, string>();
  for (const resource of resourcesWithIds(document)) {
    if (LEFT_ALONE.includes(resource) || !document.paths[`/${resource}`]) continue;
    const { items } = (await read(`/${resource}`)) as { readonly items?: readonly { readonly id?: string }[] };
    const id = items?.[0]?.id;
    if (id !== undefined) ids.set(resource, id);
  }
  return withKnownIds(document, ids);
}

interface Attack {
  readonly folder: string;
  readonly document: string;
  readonly who: string;
  readonly credential: string | null;
  readonly seconds: number;
}

async function attack(fleet: Fleet, { folder, document, who, credential, seconds }: Attack, context: BenchContext): Promise<Report> {
  const tool = await resolveTool('schemathesis', context.say);
  const settings = join(folder, 'schemathesis.toml');
  const file = join(folder, 'report.json');
  await writeFile(settings, credential === null ? '' : '[headers]\nAuthorization = "Bearer ${FUZZ_KEY}"\n');
  context.say(`as ${who}: ${Math.round(seconds)} s of requests ...`);
  const seed = context.option('seed');
  const args = [
    ...['--config-file', settings, '--no-color', 'run', document, '--url', `${loopbackUrl(fleet)}/api/v1`],
    ...['--phases', 'coverage,fuzzing', '--checks', CHECKS.join(','), '--continue-on-failure', '--max-time', String(Math.round(seconds))],
    ...['--request-timeout', String(REQUEST_SECONDS), '--generation-database', 'none', '--report', 'json', '--report-json-path', file],
    ...(seed > 0 ? ['--seed', String(seed)] : []),
  ];
  const timeoutMs = (seconds + STARTING_SECONDS) * 1000;
  const output = await run(tool.path, args, { cwd: folder, timeoutMs, env: { ...process.env, FUZZ_KEY: credential ?? '' } }).then(
    ({ stdout }) => stdout,
    (error: Error) => {
      // It ends with 1 when it found something, which the report tells better.
      if (FINDINGS_EXIT.test(error.message)) return error.message;
      throw error;
    },
  );
  const report = reportShape.parse(JSON.parse(await readFile(file, 'utf8')));
  context.measured(...reportRows(who, report));
  if (report.failures.length > 0) context.say(output);
  return report;
}
