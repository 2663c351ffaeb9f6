import { defineStates } from '#libs/kernel';

export type DeploymentState = 'active' | 'paused' | 'deleted';

export const deploymentStates = defineStates<DeploymentState>('deployment', {
  initial: 'active',
  terminal: ['deleted'],
  transitions: {
    active: ['paused', 'deleted'],
    paused: ['active', 'deleted'],
    deleted: [],
  },
});
