import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { readDocument } from '../lib/document.ts';
import { formatYaml, type OutputFormat, printOne } from '../lib/output.ts';
import { oneLine } from '../lib/text.ts';
import { findProject } from './quota.ts';

type Policies = components['schemas']['ClawPolicies'];
type Rules = components['schemas']['ClawRules'];

/** Rules that say something, as YAML below the name of whose they are. */
async function describe({ tenant, projects }: Policies): Promise<string> {
  const parts: string[] = [];
  for (const { scope, rules } of [tenant, ...projects]) {
    const said = Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== null));
    const text = Object.keys(said).length === 0 ? 'no rules\n' : await formatYaml(said);
    parts.push(`${scope.kind} ${oneLine(scope.name)}\n${text.replace(/^(?=.)/gm, '  ')}`);
  }
  return parts.join('\n');
}

async function policiesOf(context: Context) {
  const session = await openSession(context);
  const { tenant } = await take(session.api.GET('/me'));
  return { session, policies: await take(session.api.GET('/tenants/{id}/policies', { params: { path: { id: tenant.id } } })) };
}

async function print({ io }: Context, output: OutputFormat, policies: Policies): Promise<void> {
  await printOne(io, output, policies, policies.tenant.scope.name, await describe(policies));
}

/** `claw policy show`. */
export async function showPolicies(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  await print(context, output, (await policiesOf(context)).policies);
}

interface SetOptions {
  readonly file: string;
  readonly project?: string;
  readonly output: OutputFormat;
}

/** `claw policy set -f FILE`: the file holds all rules; what it does not name is not ruled. */
export async function setPolicies(context: Context, _args: readonly string[], { file, project, output }: SetOptions): Promise<void> {
  // The API says which rule is wrong, if one is.
  const body = (await readDocument(context, file, 'rules')) as Partial<Rules>;
  const { session, policies } = await policiesOf(context);
  const scopes = policies.projects.map(({ scope }) => scope);
  const { kind, id } = project === undefined ? policies.tenant.scope : findProject(scopes, project);
  const params = { path: { id } };
  const { api } = session;
  await print(
    context,
    output,
    await take(kind === 'tenant' ? api.PUT('/tenants/{id}/policies', { params, body }) : api.PUT('/projects/{id}/policies', { params, body })),
  );
}
