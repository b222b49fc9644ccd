import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseManifest } from '../../../activities/adapters/custom/manifest.ts';
import type { ClawTypeManifest } from '../../../workflows/contracts/claw-type.ts';

/** Text of the example manifest `echo`, as a person registers it. */
export function echoManifestText(): string {
  return readFileSync(new URL('../../../docs/examples/echo.claw-type.yaml', import.meta.url), 'utf8');
}

/** The light claw that suites use where a whole OpenClaw proves nothing more; its settings can make it misbehave. */
export function echoManifest(): ClawTypeManifest {
  return parseManifest(parse(echoManifestText()));
}
