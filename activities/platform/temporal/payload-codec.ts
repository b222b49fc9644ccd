import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec, type SerializationContext, ValueError } from '@temporalio/common';
import proto from '@temporalio/proto';
import { type KeyRing, type Keys, keysOf, type NamedKey } from '../secrets.ts';

const ENCODING = 'binary/encrypted';
const KEY_ID = 'clawloops-key';
const WORKFLOW = 'clawloops-workflow';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array | null | undefined) => (bytes ? new TextDecoder().decode(bytes) : '');

/**
 * Encrypts every payload with AES-256-GCM. The id of the key stands in the metadata, so that old histories open after a rotation.
 * A payload is bound to its workflow where the SDK says which that is: moved to another one it does not open.
 * What is not encrypted is refused: nothing that is ours was ever stored plain, so it comes from somebody who has no key.
 */
export function createPayloadCodec(source: KeyRing | Keys): PayloadCodec {
  const keys = keysOf(source);
  return {
    encode: async (payloads, context) => {
      const key = await keys.sealing();
      return payloads.map((payload) => encrypt(key, payload, context?.workflowId));
    },
    decode: (payloads, context) => Promise.all(payloads.map((payload) => decrypt(keys, payload, context))),
  };
}

function encrypt({ id, key }: NamedKey, payload: Payload, workflowId: string | undefined): Payload {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  if (workflowId !== undefined) cipher.setAAD(utf8.encode(workflowId));
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const metadata: Record<string, Uint8Array> = { [METADATA_ENCODING_KEY]: utf8.encode(ENCODING), [KEY_ID]: utf8.encode(id) };
  if (workflowId !== undefined) metadata[WORKFLOW] = utf8.encode(workflowId);
  return { metadata, data: new Uint8Array(data) };
}

async function decrypt(keys: Keys, payload: Payload, context: SerializationContext | undefined): Promise<Payload> {
  if (text(payload.metadata?.[METADATA_ENCODING_KEY]) !== ENCODING) throw new ValueError('a payload is not encrypted');
  const data = payload.data ?? new Uint8Array();
  if (data.length < IV_BYTES + TAG_BYTES) throw new ValueError('an encrypted payload is too short');
  const boundTo = payload.metadata?.[WORKFLOW] ? text(payload.metadata[WORKFLOW]) : undefined;
  if (boundTo !== undefined && context?.workflowId !== undefined && context.workflowId !== boundTo)
    throw new ValueError('an encrypted payload belongs to another workflow');
  const key = await keys.opening(text(payload.metadata?.[KEY_ID])).catch((error: Error) => {
    throw new ValueError(error.message);
  });
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  if (boundTo !== undefined) decipher.setAAD(utf8.encode(boundTo));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  return proto.temporal.api.common.v1.Payload.decode(plain);
}
