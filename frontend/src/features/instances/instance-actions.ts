import type { Phase } from '../../../../workflows/contracts/instance.ts';
import { LEGAL_OPERATIONS } from '../../../../workflows/contracts/instance.ts';
import type { OperationKind } from '../../../../workflows/contracts/operation.ts';

/** Icon of each action, the same in buttons, menus and the palette. */
export const ACTION_ICONS: Readonly<Record<OperationKind, string>> = {
  create: 'i-lucide-plus',
  start: 'i-lucide-play',
  stop: 'i-lucide-square',
  restart: 'i-lucide-rotate-cw',
  kill: 'i-lucide-zap',
  update: 'i-lucide-pencil',
  'rotate-key': 'i-lucide-key-round',
  retry: 'i-lucide-wrench',
  destroy: 'i-lucide-trash-2',
};

const FIRST: readonly OperationKind[] = ['start', 'stop', 'restart'];
const MENU: readonly OperationKind[] = ['retry', 'update', 'rotate-key'];
const DANGEROUS: readonly OperationKind[] = ['kill', 'destroy'];

/** What is offered in a phase: the buttons, the menu, and what is dangerous and therefore last. */
export interface OfferedActions {
  readonly first: readonly OperationKind[];
  readonly menu: readonly OperationKind[];
  readonly dangerous: readonly OperationKind[];
}

/** The legal actions of a phase in the order people need them. */
export function offeredActions(phase: Phase): OfferedActions {
  const legal = LEGAL_OPERATIONS[phase];
  const pick = (kinds: readonly OperationKind[]): readonly OperationKind[] => kinds.filter((kind) => legal.includes(kind));
  return { first: pick(FIRST), menu: pick(MENU), dangerous: pick(DANGEROUS) };
}
