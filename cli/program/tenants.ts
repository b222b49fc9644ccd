import { Argument, type Command } from 'commander';
import { GRANT_ROLES } from '../views/people.ts';
import { type Act, outputOption } from './options.ts';

const ONE = ['table', 'json', 'yaml', 'name'];

/** Commands about tenants and projects. Modules load when their command runs. */
export function addTenantCommands(program: Command, act: Act): void {
  addTenants(program, act);
  const projects = program.command('project').alias('projects').summary('see and arrange the projects of the tenant');
  outputOption(projects.command('list', { isDefault: true }).summary('projects, by name')).action(
    act(async () => (await import('../commands/project.ts')).listProjects),
  );
  outputOption(projects.command('create').summary('make a project').argument('<name>', 'its name'), ONE).action(
    act(async () => (await import('../commands/project.ts')).createProject),
  );
  outputOption(
    projects.command('rename').summary('give a project another name').argument('<project>', 'name or id').argument('<name>', 'its new name'),
    ONE,
  ).action(act(async () => (await import('../commands/project.ts')).renameProject));
  projects
    .command('delete')
    .summary('delete a project without living instances')
    .argument('<project>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(act(async () => (await import('../commands/project.ts')).deleteProject));
  outputOption(
    projects
      .command('grant')
      .summary('say what a member is in a project')
      .argument('<project>', 'name or id')
      .argument('<member>', 'e-mail address or id')
      .addArgument(new Argument('<role>', 'what they are there').choices(GRANT_ROLES)),
    ONE,
  ).action(act(async () => (await import('../commands/project.ts')).grantRole));
  outputOption(
    projects
      .command('revoke')
      .summary('take back what a member is in a project')
      .argument('<project>', 'name or id')
      .argument('<member>', 'e-mail address or id'),
    ONE,
  ).action(act(async () => (await import('../commands/project.ts')).revokeRole));
}

function addTenants(program: Command, act: Act): void {
  const tenants = program.command('tenant').alias('tenants').summary('choose a tenant; make, suspend and delete tenants');
  outputOption(tenants.command('list', { isDefault: true }).summary('your tenant; for the platform all').option('--search <text>', 'part of a name')).action(
    act(async () => (await import('../commands/tenant.ts')).listTenants),
  );
  tenants
    .command('use')
    .summary('let commands go to this tenant from now on')
    .argument('<tenant>', 'name or id of one that a profile is signed in to')
    .action(act(async () => (await import('../commands/tenant.ts')).useTenant));
  outputOption(
    tenants.command('create').summary('make a tenant').argument('<name>', 'its name').option('--owner <email>', 'whom to invite as its owner (default: you)'),
    ONE,
  ).action(act(async () => (await import('../commands/tenant.ts')).createTenant));
  outputOption(
    tenants
      .command('set')
      .summary('set how long its audit is kept; for administrators of the platform')
      .argument('<tenant>', 'name or id')
      .requiredOption('--audit-keep-days <days>', 'days that its audit is kept, or none to keep it as long as the platform does'),
    ONE,
  ).action(act(async () => (await import('../commands/tenant.ts')).setTenant));
  outputOption(tenants.command('suspend').summary('stop its claws and let nothing be changed').argument('<tenant>', 'name or id'), ONE).action(
    act(async () => (await import('../commands/tenant.ts')).setTenantState('suspended')),
  );
  outputOption(tenants.command('resume').summary('let a suspended tenant work again').argument('<tenant>', 'name or id'), ONE).action(
    act(async () => (await import('../commands/tenant.ts')).setTenantState('active')),
  );
  outputOption(
    tenants
      .command('delete')
      .summary('destroy its claws, revoke its keys and end it')
      .argument('<tenant>', 'name or id')
      .option('--wipe', 'forget everything it has but its audit (default: keep its data)')
      .option('-y, --yes', 'do not ask'),
    ONE,
  ).action(act(async () => (await import('../commands/tenant.ts')).deleteTenant));
}
