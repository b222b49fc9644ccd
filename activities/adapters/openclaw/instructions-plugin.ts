import type { WorkloadFile } from '../../../workflows/contracts/workload.ts';

/** The plugin that adds standing instructions to the system prompt; its text comes from its config, so a change is taken without restart. */
export const INSTRUCTIONS_PLUGIN = { id: 'clawloops-instructions', folder: 'plugins/clawloops-instructions' } as const;

const ENTRY = `import { definePluginEntry } from 'openclaw/plugin-sdk/plugin-entry';

export default definePluginEntry({
  id: '${INSTRUCTIONS_PLUGIN.id}',
  name: 'Standing instructions',
  description: 'Adds the instructions of this claw to its system prompt.',
  register(api) {
    api.on('before_prompt_build', () => ({ appendSystemContext: String(api.pluginConfig?.text ?? '') }));
  },
});
`;

const PACKAGE = { name: INSTRUCTIONS_PLUGIN.id, version: '1.0.0', private: true, type: 'module', openclaw: { extensions: ['./index.js'] } };

const MANIFEST = {
  id: INSTRUCTIONS_PLUGIN.id,
  name: 'Standing instructions',
  activation: { onStartup: true },
  configSchema: { type: 'object', additionalProperties: false, properties: { text: { type: 'string' } } },
};

/** Files of the plugin, relative to the config dir. */
export function instructionsPluginFiles(): readonly WorkloadFile[] {
  const file = (name: string, content: string): WorkloadFile => ({ path: `${INSTRUCTIONS_PLUGIN.folder}/${name}`, mode: '0600', content });
  return [
    file('package.json', `${JSON.stringify(PACKAGE, null, 2)}\n`),
    file('openclaw.plugin.json', `${JSON.stringify(MANIFEST, null, 2)}\n`),
    file('index.js', ENTRY),
  ];
}
