import { echoManifestText } from '../testing/echo-type.ts';
import { type Fleet, type Instance, instanceInPhase, type Operation, ok, operationEnd } from '../testing/fleet.ts';

/** Registers the light claw type `echo`, as a person would. */
export async function registerEcho(fleet: Fleet): Promise<void> {
  const response = await fetch(`${fleet.platform.url}/api/v1/claw-types`, {
    method: 'POST',
    headers: { authorization: `Bearer ${fleet.apiKey}`, 'content-type': 'application/yaml', 'idempotency-key': crypto.randomUUID() },
    body: echoManifestText(),
  });
  if (response.status !== 201) throw new Error(`the type echo was not registered: ${response.status} ${await response.text()}`);
}

/** Asks for a light claw; `settings` are overrides of its configuration. */
export async function createEcho(
  fleet: Fleet,
  name: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<{ instance: Instance; operation: Operation }> {
  const overrides = Object.entries(settings).map(([key, value]) => ({ key, value }));
  const resources = { cpu: '100m', memory: '128Mi' };
  const answer = ok(await fleet.api.POST('/instances', { body: { name, type: 'echo', labels: { suite: 'faults' }, resources, config: { overrides } } }));
  if (!('operation' in answer) || !answer.instance) throw new Error('the API accepted nothing');
  return { instance: answer.instance, operation: answer.operation };
}

/** A light claw that runs and answers. */
export async function runningEcho(fleet: Fleet, name: string): Promise<Instance> {
  const { instance, operation } = await createEcho(fleet, name);
  const end = await operationEnd(fleet, operation.id);
  if (end.state !== 'succeeded') throw new Error(`create ended ${end.state}: ${JSON.stringify(end.error)}`);
  return instanceInPhase(fleet, instance.id, 'Running');
}

export async function destroy(fleet: Fleet, id: string, retention: 'retain' | 'wipe' = 'wipe'): Promise<Operation> {
  const { operation } = ok(await fleet.api.DELETE('/instances/{id}', { params: { path: { id }, query: { retention } } }));
  return operationEnd(fleet, operation.id);
}

/** State file that the claw itself writes: how often it was started, and as which process. */
export interface EchoState {
  readonly starts: number;
  readonly pid: number;
}
