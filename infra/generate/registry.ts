/** A program that writes files which are committed. It runs from the root of the repository, from dist/. */
export interface Generator {
  what: string;
  /** The script, below dist/, and its arguments. */
  command: readonly [script: string, ...args: string[]];
  writes: readonly string[];
}

/** One entry per generator: `npm run generate` runs them all, `npm run generate:check` fails where a file would change. */
export const GENERATORS: readonly Generator[] = [
  {
    what: 'GraphQL schema',
    command: ['apps/api/src/print-schema.js', 'docs/generated/schema.graphql'],
    writes: ['docs/generated/schema.graphql'],
  },
  {
    what: "portal's types of the schema",
    command: ['infra/generate/portal-types.js'],
    writes: ['apps/portal/src/api/generated/schema.d.ts'],
  },
  {
    what: "portal's operations",
    command: ['infra/generate/portal-operations.js', 'docs/generated/portal-operations.json'],
    writes: ['docs/generated/portal-operations.json'],
  },
  {
    what: "trainer's contract",
    command: ['infra/generate/trainer-contract.js'],
    writes: ['apps/trainer/contract/trainer.schema.json', 'apps/trainer/src/forkpoint_trainer/contract.py'],
  },
  {
    what: 'error catalogue',
    command: ['infra/generate/error-catalogue.js', 'docs/generated/errors.md'],
    writes: ['docs/generated/errors.md'],
  },
  {
    what: 'import graph',
    command: ['infra/generate/import-graph.js', 'docs/generated/imports.mmd'],
    writes: ['docs/generated/imports.mmd'],
  },
];
