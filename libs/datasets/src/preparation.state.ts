import { defineStates } from '#libs/kernel';

/** ready and invalid are facts about immutable inputs and stay; failed says nothing about the data and may be tried again. */
export type PreparationState = 'pending' | 'ready' | 'invalid' | 'failed';

export const preparationStates = defineStates<PreparationState>('preparation', {
  initial: 'pending',
  terminal: ['ready', 'invalid'],
  transitions: { pending: ['ready', 'invalid', 'failed'], failed: ['pending'], ready: [], invalid: [] },
});
