import { sleep } from '@temporalio/workflow';
import type { KeyRotationOrder, ResealPass } from '../contracts/key-rotation.ts';
import { keyRotations } from '../lib/proxies.ts';

/** Within this time every process that lives seals with the new key. */
const SETTLE = '15 seconds';
/** Between two passes, so that a process that goes on with an older key is not answered without a breath. */
const PAUSE = '5 seconds';

/**
 * Makes a new key and gives everything that is sealed an envelope of it, pass after pass until a pass finds nothing more to do. The older
 * keys open what they sealed all the while; nothing waits for it.
 */
export async function keyRotationWorkflow(order: KeyRotationOrder): Promise<ResealPass> {
  await keyRotations.openDataKey(order);
  await sleep(SETTLE);
  for (let resealed = 0; ; ) {
    const pass = await keyRotations.resealSecrets(order);
    resealed += pass.resealed;
    if (pass.resealed === 0) {
      await keyRotations.endKeyRotation({ ...order, unreadable: pass.unreadable });
      return { resealed, unreadable: pass.unreadable };
    }
    await sleep(PAUSE);
  }
}
