import type { components } from '../../frontend/src/api/schema.d.ts';
import { openSession, readPages, type Session, take, takeNothing } from '../lib/client.ts';
import type { Context } from '../lib/context.ts';
import { CliError, ExitCode } from '../lib/errors.ts';
import { type OutputFormat, printOne, printRows } from '../lib/output.ts';
import { confirm } from '../lib/prompt.ts';
import { isId } from '../lib/resolve.ts';
import { PROJECTS } from '../views/tenant.ts';

type Schemas = components['schemas'];
interface Printed {
  readonly output: OutputFormat;
}

/** The project with this name or id. */
async function findProject({ api }: Session, word: string): Promise<Schemas['Project']> {
  const { items } = await take(api.GET('/projects'));
  const found = items.find(({ id, name }) => id === word || name === word);
  if (!found)
    throw new CliError(ExitCode.notFound, `There is no project "${word}" here.`, { code: 'NOT_FOUND', nextStep: 'See which there are: claw project list' });
  return found;
}

async function findPerson({ api }: Session, word: string): Promise<string> {
  if (isId(word, 'usr')) return word;
  const { items } = await readPages((page) => take(api.GET('/members', { params: { query: { ...page, q: word } } })));
  const found = items.find(({ email }) => email === word.toLowerCase());
  if (!found)
    throw new CliError(ExitCode.notFound, `There is no member "${word}" here.`, { code: 'NOT_FOUND', nextStep: 'See who there is: claw member list' });
  return found.userId;
}

/** `claw project list`. */
export async function listProjects(context: Context, _args: readonly string[], { output }: Printed): Promise<void> {
  const { api } = await openSession(context);
  const list = await take(api.GET('/projects'));
  await printRows(context.io, output, PROJECTS, list.items, list);
}

/** `claw project create NAME`. */
export async function createProject(context: Context, [name = '']: readonly string[], { output }: Printed): Promise<void> {
  const { api } = await openSession(context);
  const project = await take(api.POST('/projects', { body: { name } }));
  await printOne(context.io, output, project, project.id, `The project ${project.name} is there.\n`);
}

/** `claw project rename PROJECT NAME`. */
export async function renameProject(context: Context, [word = '', name = '']: readonly string[], { output }: Printed): Promise<void> {
  const session = await openSession(context);
  const { id, name: before } = await findProject(session, word);
  const project = await take(session.api.PUT('/projects/{id}', { params: { path: { id } }, body: { name } }));
  await printOne(context.io, output, project, project.id, `${before} is called ${project.name} now.\n`);
}

/** `claw project delete PROJECT`. */
export async function deleteProject(context: Context, [word = '']: readonly string[], { yes }: { readonly yes?: boolean }): Promise<void> {
  const session = await openSession(context);
  const { id, name } = await findProject(session, word);
  if (!yes && !(await confirm(context.io, `Delete the project ${name}?`, '--yes'))) throw new CliError(ExitCode.failed, `${name} was not deleted.`);
  await takeNothing(session.api.DELETE('/projects/{id}', { params: { path: { id } } }));
  context.io.stdout.write(`The project ${name} is deleted.\n`);
}

/** `claw project grant PROJECT MEMBER ROLE`. */
export async function grantRole(context: Context, [word = '', person = '', role = '']: readonly string[], { output }: Printed): Promise<void> {
  const session = await openSession(context);
  const { id } = await findProject(session, word);
  const path = { id, userId: await findPerson(session, person) };
  const body = { role: role as Schemas['ProjectGrantInput']['role'] };
  const project = await take(session.api.PUT('/projects/{id}/grants/{userId}', { params: { path }, body }));
  await printOne(context.io, output, project, project.id, `${person} is ${role} in ${project.name}.\n`);
}

/** `claw project revoke PROJECT MEMBER`. */
export async function revokeRole(context: Context, [word = '', person = '']: readonly string[], { output }: Printed): Promise<void> {
  const session = await openSession(context);
  const { id } = await findProject(session, word);
  const path = { id, userId: await findPerson(session, person) };
  const project = await take(session.api.DELETE('/projects/{id}/grants/{userId}', { params: { path } }));
  await printOne(context.io, output, project, project.id, `${person} has no role of their own in ${project.name} any more.\n`);
}
