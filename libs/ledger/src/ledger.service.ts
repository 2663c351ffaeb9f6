import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { LEDGER_ERRORS } from './ledger.errors.js';
import {
  findBySourceKey,
  findTransactions,
  insertTransaction,
  lockLedger,
  nextSequence,
  transactionOf,
} from './ledger.repository.js';
import { contentHash, type LedgerTransaction, type Posting, sortedLinks, sumOf } from './posting.js';

/** Writes to the books of the scope's organization. What is written stands: only another transaction can take it back. */
@Injectable()
export class LedgerService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Keeps the ledger as it is until the end of the database's transaction, but for what this one posts: a posting that depends on a
   * balance takes hold before it reads the balance.
   */
  async hold(tx: Transaction): Promise<void> {
    assertSystem(tx);
    await lockLedger(tx);
  }

  /**
   * Records a posting. The same again is the transaction that is on record already, also when two post it at once; other content
   * under its key is refused. From here to the end of the database's transaction nobody else posts to this organization's ledger.
   */
  async post(tx: Transaction, given: Posting): Promise<LedgerTransaction> {
    await this.hold(tx);
    const posting = { ...given, links: sortedLinks(given.links) };
    assertBalanced(posting);
    const contentSha256 = contentHash(posting);
    const recorded = await findBySourceKey(tx, posting.sourceKey);
    if (recorded) {
      const { source_key: sourceKey, id: transactionId } = recorded;
      if (recorded.content_sha256 === contentSha256) return transactionOf(recorded);
      throw LEDGER_ERRORS.LEDGER_POSTED_OTHERWISE({ sourceKey, transactionId });
    }
    if (posting.reversesTransactionId) await assertReversible(tx, posting.reversesTransactionId);
    const own = { id: newId('txn'), sequence: await nextSequence(tx), recordedAt: this.clock.now() };
    await insertTransaction(tx, { ...posting, ...own, contentSha256 });
    return { ...posting, ...own, organizationId: tx.scope.organizationId, reversedByTransactionId: null };
  }

  /** What is on record under a key: for a rule that negates it. */
  async findBySourceKey(tx: Transaction, sourceKey: string): Promise<LedgerTransaction | null> {
    const row = await findBySourceKey(tx, sourceKey);
    return row && transactionOf(row);
  }
}

/** No partner writes its own account, nor does anybody by hand: postings follow from what happened. */
function assertSystem({ scope }: Transaction): void {
  if (scope.actor.type !== 'system' || scope.kind !== 'partner') throw LEDGER_ERRORS.LEDGER_NOT_FOR_CALLERS();
}

function assertBalanced({ sourceKey, currency, entries }: Posting): void {
  const sumMinor = sumOf(entries);
  const accounts = new Set(entries.map(({ account }) => account));
  const isPlain = accounts.size === entries.length && entries.every(({ amountMinor }) => amountMinor !== 0n);
  if (sumMinor === 0n && isPlain) return;
  throw LEDGER_ERRORS.LEDGER_UNBALANCED({ sourceKey, sumMinor: sumMinor.toString(), currency });
}

async function assertReversible(tx: Transaction, transactionId: string): Promise<void> {
  const [reversed] = await findTransactions(tx, [transactionId]);
  if (!reversed) throw LEDGER_ERRORS.LEDGER_TRANSACTION_NOT_FOUND({ transactionId });
  if (reversed.reversesTransactionId) throw LEDGER_ERRORS.LEDGER_REVERSAL_STANDS({ transactionId });
  const by = reversed.reversedByTransactionId;
  if (by) throw LEDGER_ERRORS.LEDGER_REVERSED_ALREADY({ transactionId, by });
}
