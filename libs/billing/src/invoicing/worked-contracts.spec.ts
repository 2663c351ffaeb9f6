import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeInvoices } from './invoices.js';
import { parseHistory } from './parse-history.js';

/** Each with its invoices worked out on paper. */
const CONTRACTS = 'docs/contracts';
const names = readdirSync(CONTRACTS, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);

describe('the contracts that were worked out by hand', () => {
  test('are ten', () => expect(names).toHaveLength(10));

  test.each(names)('%s gives the invoices on its paper', (name) => {
    const read = (file: string): unknown => JSON.parse(readFileSync(join(CONTRACTS, name, file), 'utf8'));
    expect(makeInvoices(parseHistory(read('history.json')))).toEqual(read('invoice.json'));
  });
});
