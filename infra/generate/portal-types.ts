import { execFileSync } from 'node:child_process';

/** What gql.tada infers the types of the portal's operations from; it reads docs/generated/schema.graphql. */
execFileSync(
  process.execPath,
  ['node_modules/gql.tada/bin/cli.js', 'generate-output', '--tsconfig', 'apps/portal/tsconfig.json'],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
