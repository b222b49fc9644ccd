import { z } from 'zod';
import { cpuMillis, quantityBytes, bytesQuantity as toBytes, cpuQuantity as toCpu } from '../../workflows/contracts/quantities.ts';
import { LimitScope, type QuotaLimits } from '../../workflows/contracts/quota.ts';
import { bytesQuantity, cpuQuantity } from './common.schema.ts';

const INSTANCES_MAX = 1_000_000;

/** Limits as people set them; what is not named is not limited. */
export const quotaLimits = z
  .strictObject({
    instances: z.int().min(0).max(INSTANCES_MAX).nullable().default(null),
    cpu: cpuQuantity.nullable().default(null),
    memory: readable(bytesQuantity).nullable().default(null),
    storage: readable(bytesQuantity).nullable().default(null),
  })
  .meta({ id: 'QuotaLimits', description: 'Kubernetes quantities; null limits nothing at this level' });

function readable(quantity: z.ZodString): z.ZodString {
  return quantity.refine((text) => quantityBytes(text) !== null, 'is more than there can be') as z.ZodString;
}

export const limitScope = z.enum(LimitScope);

/** Columns of a row with limits; PostgreSQL answers 64-bit numbers as text. */
export interface LimitColumns {
  readonly instances: number | null;
  readonly cpu_millis: string | null;
  readonly memory_bytes: string | null;
  readonly storage_bytes: string | null;
}

/** Limits as numbers, in the order instances, CPU millis, memory bytes, storage bytes. */
export function limitValues({ instances, cpu, memory, storage }: QuotaLimits): readonly (number | null)[] {
  return [instances, cpu === null ? null : cpuMillis(cpu), memory === null ? null : quantityBytes(memory), storage === null ? null : quantityBytes(storage)];
}

/** Limits of a row as people set them. */
export function presentLimits(row: LimitColumns): QuotaLimits {
  const { instances, cpu_millis: cpu, memory_bytes: memory, storage_bytes: storage } = row;
  return { instances, cpu: cpu === null ? null : toCpu(Number(cpu)), memory: text(memory), storage: text(storage) };
}

function text(bytes: string | null): string | null {
  return bytes === null ? null : toBytes(Number(bytes));
}
