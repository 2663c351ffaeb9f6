import { graphql } from '../api';

/** What decides whether the reader's organization may use a checkpoint. */
export const CheckpointUse = graphql(`
  fragment CheckpointUse on Checkpoint {
    status
    allowedActions
    removal { at }
    licenseInForce { id version }
    unmetConditions { code message }
  }
`);
