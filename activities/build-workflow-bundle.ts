import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from './platform/temporal/data-converter.ts';

/** Bundles all workflows for the sandbox, with the failure converter of the platform. The same SDK version must run it. */
export async function buildWorkflowBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(new URL('../workflows/lib/telemetry.ts', import.meta.url))],
    failureConverterPath: FAILURE_CONVERTER_PATH,
    logger: { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined, warn: console.warn, error: console.error },
  });
  return code;
}

if (import.meta.main) {
  const [, , output] = process.argv;
  if (!output) {
    console.error('usage: node activities/build-workflow-bundle.ts <output file>');
    process.exit(1);
  }
  await writeFile(output, await buildWorkflowBundle());
}
