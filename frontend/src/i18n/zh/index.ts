import type { Messages } from '../en/index.ts';
import { events } from './events.ts';
import { failures } from './failures.ts';
import { fleet } from './fleet.ts';
import { health } from './health.ts';
import { instances } from './instances.ts';
import { metrics } from './metrics.ts';
import { operations } from './operations.ts';
import { places } from './places.ts';
import { shell } from './shell.ts';

/** Simplified Chinese, with the failures of the API, which speaks English itself. */
const zh: Messages & { readonly failures: typeof failures } = {
  ...shell,
  ...instances,
  ...fleet,
  ...operations,
  ...events,
  ...metrics,
  ...health,
  ...places,
  failures,
};

export default zh;
