import { events } from './events.ts';
import { fleet } from './fleet.ts';
import { health } from './health.ts';
import { instances } from './instances.ts';
import { metrics } from './metrics.ts';
import { operations } from './operations.ts';
import { places } from './places.ts';
import { shell } from './shell.ts';

const en = { ...shell, ...instances, ...fleet, ...operations, ...events, ...metrics, ...health, ...places };

/** Every message of the portal; other languages have the same keys. */
export type Messages = typeof en;

/** English: written first. What the API says is English already, so there is no table of failures here. */
export default en;
