import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, type Session, take } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { type OutputFormat, printOne, printRows, type View } from '../lib/output.ts';
import { oneLine } from '../lib/text.ts';

type Plan = components['schemas']['Plan'];
type TenantPlan = components['schemas']['TenantPlan'];

const PLANS: View<Plan> = {
  columns: [
    { title: 'NAME', cell: (row) => oneLine(row.name) },
    { title: 'INSTANCES', cell: (row) => String(row.limits.instances ?? '-') },
    { title: 'CPU', cell: (row) => row.limits.cpu ?? '-' },
    { title: 'MEMORY', cell: (row) => row.limits.memory ?? '-' },
    { title: 'STORAGE', cell: (row) => row.limits.storage ?? '-' },
    { title: 'SEATS', cell: (row) => String(row.seats ?? '-') },
    { title: 'INCLUDES', cell: (row) => included(row) },
  ],
  name: (row) => row.name,
  empty: 'No plans.',
};

function included({ entitlements }: Plan): string {
  return entitlements === null ? 'everything' : entitlements.join(',') || '-';
}

async function tenantOf({ api }: Session): Promise<string> {
  return (await take(api.GET('/me'))).tenant.id;
}

async function print({ io }: Context, output: OutputFormat, view: TenantPlan): Promise<void> {
  const { plan, seats } = view;
  await printOne(io, output, view, plan.name, `Plan ${oneLine(plan.name)}: seats ${seats.used} / ${seats.limit ?? '-'}, includes ${included(plan)}.\n`);
}

/** `claw plan show`. */
export async function showPlan(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const session = await openSession(context);
  await print(context, output, await take(session.api.GET('/tenants/{id}/plan', { params: { path: { id: await tenantOf(session) } } })));
}

/** `claw plan list`. */
export async function listPlans(context: Context, _args: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const { api } = await openSession(context);
  const plans = await take(api.GET('/plans'));
  await printRows(context.io, output, PLANS, plans.items, plans);
}

/** `claw plan set PLAN`. */
export async function setPlan(context: Context, [plan = '']: readonly string[], { output }: { readonly output: OutputFormat }): Promise<void> {
  const session = await openSession(context);
  await print(context, output, await take(session.api.PUT('/tenants/{id}/plan', { params: { path: { id: await tenantOf(session) } }, body: { plan } })));
}
