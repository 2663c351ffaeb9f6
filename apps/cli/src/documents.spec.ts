import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { UPLOAD_OPERATIONS } from '#libs/client';
import * as account from './documents/account.js';
import * as caps from './documents/caps.js';
import * as catalog from './documents/catalog.js';
import * as contracts from './documents/contracts.js';
import * as creditNotes from './documents/credit-notes.js';
import * as credits from './documents/credits.js';
import * as datasets from './documents/datasets.js';
import * as deployments from './documents/deployments.js';
import * as evaluations from './documents/evaluations.js';
import * as exports from './documents/exports.js';
import * as fineTuning from './documents/fine-tuning.js';
import * as forecast from './documents/forecast.js';
import * as invoices from './documents/invoices.js';
import * as keys from './documents/keys.js';
import * as ledger from './documents/ledger.js';
import * as licenses from './documents/licenses.js';
import * as listings from './documents/listings.js';
import * as payouts from './documents/payouts.js';
import * as usage from './documents/usage.js';
import * as webhooks from './documents/webhooks.js';

const SOURCES = import.meta.dirname;
const SCHEMA = join(SOURCES, '../../../docs/generated/schema.graphql');
const modules = {
  account,
  caps,
  catalog,
  contracts,
  'credit-notes': creditNotes,
  credits,
  datasets,
  deployments,
  evaluations,
  exports,
  'fine-tuning': fineTuning,
  forecast,
  invoices,
  keys,
  ledger,
  licenses,
  listings,
  payouts,
  usage,
  webhooks,
};

const documents = Object.entries({ ...modules, upload: UPLOAD_OPERATIONS }).flatMap(([module, exported]) =>
  Object.entries(exported).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && 'document' in value
      ? [{ name: `${module}: ${name}`, document: value.document as string }]
      : [],
  ),
);

describe('every GraphQL document of the command line', () => {
  const schema = buildSchema(readFileSync(SCHEMA, 'utf8'));

  test.each(documents)('$name is valid by the committed schema', ({ document }) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });

  test('a document that is not would be seen', () => {
    expect(validate(schema, parse('{ me { shoeSize } }'))).toHaveLength(1);
    expect(documents.length).toBeGreaterThan(40);
  });

  test('stands in a module that is checked here', () => {
    const files = readdirSync(join(SOURCES, 'documents')).map((file) => basename(file, '.ts'));
    expect(files.sort()).toEqual([...Object.keys(modules), 'shared'].sort());
    const commands = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('documents/') && !/\.spec\.ts$|spec-support/.test(file),
    );
    const outside = commands.filter((file) =>
      /\.(?:query|mutate)[<(]|define(?:Operation|Mutation)/.test(readFileSync(join(SOURCES, file), 'utf8')),
    );
    expect(outside).toEqual([]);
  });
});
