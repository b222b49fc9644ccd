import type { Command } from 'commander';
import { type Act, outputOption } from './options.ts';

/** Commands about what a tenant and its projects may have. Modules load when their command runs. */
export function addLimitCommands(program: Command, act: Act): void {
  const quota = program.command('quota').summary('show and set how much may be used');
  outputOption(quota.command('show', { isDefault: true }).summary('usage against quota of the tenant and its projects')).action(
    act(async () => (await import('../commands/quota.ts')).showQuota),
  );
  outputOption(
    quota
      .command('set')
      .summary('set limits; what is not named stays')
      .option('--project <project>', 'of this project, name or id; of the whole tenant otherwise')
      .option('--instances <count>', 'instances that are there, or none for no limit')
      .option('--cpu <quantity>', 'CPU, e.g. 8 or 500m, or none')
      .option('--memory <quantity>', 'memory, e.g. 32Gi, or none')
      .option('--storage <quantity>', 'storage, e.g. 500Gi, or none'),
  ).action(act(async () => (await import('../commands/quota.ts')).setQuota));
  const policy = program.command('policy').summary('show and set what claws may be');
  outputOption(policy.command('show', { isDefault: true }).summary('rules of the tenant and its projects'), ['table', 'json', 'yaml', 'name']).action(
    act(async () => (await import('../commands/policy.ts')).showPolicies),
  );
  outputOption(
    policy
      .command('set')
      .summary('replace the rules by those of a file')
      .requiredOption('-f, --file <file>', 'YAML or JSON; - reads standard input')
      .option('--project <project>', 'of this project, name or id; of the whole tenant otherwise'),
    ['table', 'json', 'yaml', 'name'],
  ).action(act(async () => (await import('../commands/policy.ts')).setPolicies));
  const plan = program.command('plan').summary('show and choose the plan of the tenant');
  outputOption(plan.command('show', { isDefault: true }).summary('the plan, its seats and what it includes'), ['table', 'json', 'yaml', 'name']).action(
    act(async () => (await import('../commands/plan.ts')).showPlan),
  );
  outputOption(plan.command('list').summary('the plans that there are')).action(act(async () => (await import('../commands/plan.ts')).listPlans));
  outputOption(plan.command('set').summary('put the tenant on a plan; for administrators of the platform').argument('<plan>', 'its name'), [
    'table',
    'json',
    'yaml',
    'name',
  ]).action(act(async () => (await import('../commands/plan.ts')).setPlan));
}
