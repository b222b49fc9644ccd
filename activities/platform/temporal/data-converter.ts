import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { KeyRing, Keys } from '../secrets.ts';
import { createPayloadCodec } from './payload-codec.ts';

/** Path of the failure converter, for workers, clients and the workflow bundle alike. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('./failure-converter.ts', import.meta.url));

/** How values travel through the workflow engine: encrypted, and failures without readable text. Every client and worker uses it. */
export function createDataConverter(ring: KeyRing | Keys): DataConverter {
  return { payloadCodecs: [createPayloadCodec(ring)], failureConverterPath: FAILURE_CONVERTER_PATH };
}
