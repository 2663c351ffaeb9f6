/** What is known of a request when it is admitted: all that `forkpoint_intake` may write, and it may read nothing. */
export const ADMITTED_COLUMNS = [
  ...[
    'id',
    'organization_id',
    'project_id',
    'kind',
    'source_id',
    'state',
    'model',
    'checkpoint_id',
    'base_checkpoint_id',
  ],
  ...['family_id', 'deployment_id', 'revision_id', 'api_key_id', 'listing_id', 'recorder_id', 'admitted_at'],
] as const;
