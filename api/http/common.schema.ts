import { z } from 'zod';
import { FAILURES, type FailureCode, type FailureView } from '../../workflows/contracts/failures.ts';
import { type IdPrefix, idPattern } from '../../workflows/contracts/ids.ts';
import { Limits } from '../../workflows/contracts/limits.ts';

/** A time as RFC 3339 in UTC. */
export const timestamp = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

/** An id of one kind, e.g. `ins_…`. An id of another form cannot exist, so it answers like one that does not. */
export function idOf(prefix: IdPrefix): z.ZodString {
  return z.string().regex(new RegExp(idPattern(prefix)), `must be an id such as ${prefix}_01kah3…`);
}

export const failureCode = z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]).meta({ id: 'FailureCode' });

export const failureView = z
  .strictObject({ code: failureCode, message: z.string(), nextStep: z.string() })
  .meta({ id: 'Failure', description: 'What went wrong and what to do next.' }) satisfies z.ZodType<FailureView>;

export const problem = z
  .strictObject({
    type: z.string().meta({ description: 'A URI of the kind of problem, `urn:clawloops:problem:<code>`' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: failureCode,
    requestId: z.string(),
    errors: z.array(
      z.strictObject({ path: z.string().meta({ description: 'JSON pointer into the request, `/query/<name>` for query parameters' }), message: z.string() }),
    ),
    nextStep: z.string(),
    operationId: z.string().optional().meta({ description: 'The operation that it is about' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

export type Problem = z.infer<typeof problem>;

/** Query parameters that every list takes. */
export const listQuery = {
  limit: z.coerce.number().int().min(1).max(Limits.pageSizeMax).default(Limits.pageSizeDefault).meta({ description: 'Rows of a page' }),
  cursor: z.string().min(1).max(1000).optional().meta({ description: '`nextCursor` of the page before' }),
} as const;

/** `?wait=30s`: hold the answer until the operation ended or the time is over. */
export const waitQuery = {
  wait: z
    .string()
    .regex(/^[0-9]{1,3}s$/, 'must be seconds such as 30s')
    .refine((text) => Number.parseInt(text, 10) <= Limits.waitSecondsMax, `must be at most ${Limits.waitSecondsMax}s`)
    .optional()
    .meta({ description: `Hold the answer until the operation ended, at most ${Limits.waitSecondsMax}s` }),
} as const;

/** `env=prod,team!=x`; checked by the selector parser. */
export const labelSelectorQuery = z.string().max(2000).optional().meta({ description: 'Label selector such as `env=prod,team!=x`' });

/** A page of a list. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return z
    .strictObject({
      items: z.array(item),
      nextCursor: z.string().nullable(),
      total: z.int().optional().meta({ description: 'Rows that match, where it is cheap to know' }),
    })
    .meta({ id });
}

/** `?flag=true`. */
export const flagQuery = z.enum(['true', 'false']).optional();

const LABEL_KEY = new RegExp(`^[A-Za-z0-9]([A-Za-z0-9._/-]{0,${Limits.labelKeyCharacters - 2}}[A-Za-z0-9])?$`);
const LABEL_VALUE = new RegExp(`^([A-Za-z0-9]([A-Za-z0-9._-]{0,${Limits.labelValueCharacters - 2}}[A-Za-z0-9])?)?$`);

/** Labels as Kubernetes takes them, so that they can travel there. */
export const labels = z
  .record(
    z
      .string()
      .regex(LABEL_KEY, `a label name is 1 to ${Limits.labelKeyCharacters} letters, digits, '.', '_', '-' or '/', and begins and ends with a letter or digit`),
    z
      .string()
      .regex(
        LABEL_VALUE,
        `a label value is at most ${Limits.labelValueCharacters} letters, digits, '.', '_' or '-', and begins and ends with a letter or digit`,
      ),
  )
  .refine((value) => Object.keys(value).length <= Limits.labelsMax, `at most ${Limits.labelsMax} labels`)
  .meta({ id: 'Labels', example: { env: 'prod' } });

const QUANTITY_CPU = /^([0-9]{1,7}m|[0-9]{1,4}(\.[0-9]{1,3})?)$/;
const QUANTITY_BYTES = /^[0-9]{1,15}(\.[0-9]{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)?$/;

export const cpuQuantity = z.string().regex(QUANTITY_CPU, 'must be a Kubernetes CPU quantity such as 500m or 1').meta({ example: '500m' });
export const bytesQuantity = z.string().regex(QUANTITY_BYTES, 'must be a Kubernetes quantity such as 512Mi or 2Gi').meta({ example: '2Gi' });

export const resources = z.strictObject({ cpu: cpuQuantity, memory: bytesQuantity, storage: bytesQuantity }).meta({ id: 'Resources' });
