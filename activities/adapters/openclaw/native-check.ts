import type { FieldError } from '../../../workflows/contracts/failures.ts';
import type { NativeCheck, Rendered } from '../adapter.ts';
import { hashOf, isPlainObject } from '../canonical.ts';
import { pointerSegment } from '../overrides.ts';
import { CONFIG_FILE } from './render.ts';

/** JSON pointer of OpenClaw's own configuration as a whole; its issues are named below it. */
const NATIVE_ROOT = '/spec/config/openclaw';

/** The first port of the configuration: its first section is the gateway's. */
const GATEWAY_PORT_LINE = /"port": \d+/;

/** `openclaw config validate` of the version itself, in a scratch folder that stands for all folders of the claw. */
export function openClawNativeCheck(rendered: Rendered): NativeCheck {
  return {
    command: ['openclaw', 'config', 'validate', '--json'],
    env: {
      HOME: '${SCRATCH_DIR}',
      TMPDIR: '${SCRATCH_DIR}',
      // OpenClaw replaces these in its configuration by itself; here nobody else does.
      CONFIG_DIR: '${SCRATCH_DIR}',
      DATA_DIR: '${SCRATCH_DIR}',
      LOG_DIR: '${SCRATCH_DIR}',
      OPENCLAW_STATE_DIR: '${SCRATCH_DIR}/state',
      OPENCLAW_CONFIG_PATH: `\${SCRATCH_DIR}/${CONFIG_FILE}`,
      OPENCLAW_CONFIG_READONLY: '1',
      OPENCLAW_NO_RESPAWN: '1',
      // What stands for them is part of the configuration; their values are nobody's business here.
      ...Object.fromEntries(Object.keys(rendered.secretEnv).map((name) => [name, 'checked-without'])),
    },
    files: rendered.files.map(({ path, content }) => ({ path, content })),
    alike: alikeKey(rendered),
    read: readValidation,
  };
}

/** Two claws with the same settings have another revision and another port, which the platform chose and OpenClaw accepts as any other. */
function alikeKey({ runtime, files, filesHash }: Rendered): string {
  const texts = files.map(({ path, content }) => [path, content.replaceAll(filesHash, '').replace(GATEWAY_PORT_LINE, '"port": 0')]);
  return hashOf([runtime, texts]);
}

function readValidation(result: { exitCode: number; stdout: string; stderr: string }): readonly FieldError[] {
  const answer = lastJsonObject(result.stdout);
  if (answer?.['valid'] === true && result.exitCode === 0) return [];
  const issues = Array.isArray(answer?.['issues']) ? answer['issues'].filter(isPlainObject) : [];
  if (issues.length === 0) return [{ path: NATIVE_ROOT, message: `OpenClaw refused its configuration (exit code ${result.exitCode})` }];
  return issues.map((issue) => ({ path: pointer(String(issue['path'] ?? '')), message: String(issue['message'] ?? 'not valid') }));
}

/** The answer may follow warnings that Node or a plugin printed. */
function lastJsonObject(text: string): Record<string, unknown> | null {
  for (let start = text.indexOf('{'); start >= 0; start = text.indexOf('{', start + 1)) {
    try {
      const parsed: unknown = JSON.parse(text.slice(start));
      if (isPlainObject(parsed)) return parsed;
    } catch {}
  }
  return null;
}

function pointer(dotted: string): string {
  const segments = dotted.split('.').filter((segment) => segment !== '' && segment !== '<root>');
  return [NATIVE_ROOT, ...segments.map(pointerSegment)].join('/');
}
