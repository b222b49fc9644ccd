import { DefaultFailureConverter } from '@temporalio/common';

/** Moves messages and stacks of failures into a payload, which the codec encrypts: nothing readable stays in a history but the failure code. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
