import { Action, type Policy, usualPolicy } from './authorize.ts';

/** Secrets that settings name: operators replace them and let claws use them, nobody reads one. Configs keep them, instances use them. */
export const configSecretPolicy: Policy = usualPolicy('ConfigSecret', [Action.read, Action.update, Action.use]);
