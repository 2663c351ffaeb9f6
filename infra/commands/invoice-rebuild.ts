import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { hashOf, type RebuiltInvoice, rebuildInvoice } from '#libs/billing';
import { DomainError, formatMinor } from '#libs/kernel';

/**
 * `npm run invoice:rebuild -- FILE...`: makes exported invoices again from their histories, with no database, network or setting. Ends
 * with 0 where all are the same to the byte, with 1 where one is not, with 2 where a file can't be read.
 */
const SHOWN = 20;
const files = process.argv.slice(2);
process.exitCode = files.length > 0 ? 0 : 2;
if (files.length === 0) console.error('Say which: npm run invoice:rebuild -- inv_....jsonl.gz');
for (const file of files) process.exitCode = Math.max(process.exitCode, await rebuild(file));

async function rebuild(file: string): Promise<0 | 1 | 2> {
  // npm starts commands in the root of the project.
  const path = resolve(process.env['INIT_CWD'] ?? '.', file);
  try {
    const rebuilt = await rebuildInvoice(createReadStream(path));
    describe(rebuilt);
    return compare(rebuilt);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    console.error(`${file}: ${error.code}: ${error.message}`);
    return 2;
  }
}

function describe({ filed, made, currency, events }: RebuiltInvoice): void {
  console.log(`invoice ${filed.number} (${filed.id}), ${made.from} to ${made.to}, from ${events} events`);
  console.log(`due ${formatMinor(BigInt(made.dueMinor), currency)}`);
  console.log(`sha256 ${hashOf(made)}`);
}

function compare({ filed, differences }: RebuiltInvoice): 0 | 1 {
  if (differences.length === 0) {
    console.log('rebuilt: the same');
    return 0;
  }
  for (const { path, filed: says, made: gives } of differences.slice(0, SHOWN)) {
    console.error(`${path}: the file says ${JSON.stringify(says)}, its history gives ${JSON.stringify(gives)}`);
  }
  if (differences.length > SHOWN) console.error(`and ${differences.length - SHOWN} more`);
  console.error(`rebuilt: not the same as invoice ${filed.number}`);
  return 1;
}
