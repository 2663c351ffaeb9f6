import { type Contract, contractsInForce, pricesOfListings, versionsOfContracts, withListings } from '#libs/contracts';
import { canonicalJson, type Meter } from '#libs/kernel';
import { type EndedUsage, listingsUsedBy, readEndedUsage } from '#libs/usage';
import type { Transaction } from '#platform/database';
import { creditGrantsOf } from '../credits/credit-grant.repository.js';
import {
  type Contract as Agreement,
  parseHistory,
  type RuleIndex,
  UsageAccumulator,
  type UsageEvent,
} from '../invoicing/index.js';
import { overlap, type Span, spansOf } from './contract-spans.js';

/** A history in JSON without its events, as docs/guides/how-an-invoice-is-made.md has it. */
export type AgreementJson = Record<string, unknown> & { periods: number };

/** What of a contract its invoices are made from, but for the usage: its term, accepted versions, credit grants. */
export async function readAgreement(tx: Transaction, contract: Contract, periods: number): Promise<AgreementJson> {
  const versions = (await versionsOfContracts(tx, [contract.id])).get(contract.id) ?? [];
  const grants = await creditGrantsOf(tx, contract.id);
  const listings = await pricesOfListings(tx, await listingsUsedBy(tx, contract.organizationId));
  return {
    currency: contract.currency,
    startsAt: contract.startsAt!.toISOString(),
    endsAt: contract.endsAt.toISOString(),
    graceDays: contract.graceDays,
    periods,
    versions: versions
      .filter(({ state }) => state === 'accepted')
      .map(({ number, effectiveFrom, terms }) => ({
        number,
        effectiveFrom: effectiveFrom!.toISOString(),
        // With what was used of others' variants: an invoice is made from what stands here alone.
        terms: JSON.parse(canonicalJson({ ...terms, prices: withListings(terms.prices, listings, contract.currency) })),
      })),
    grants: grants.map((grant) => ({
      id: grant.id,
      amountMinor: grant.amountMinor.toString(),
      effectiveAt: grant.effectiveAt.toISOString(),
      expiresAt: grant.expiresAt?.toISOString() ?? null,
      voidedAt: grant.voidedAt?.toISOString() ?? null,
      priority: grant.priority,
      recurrence: grant.recurrence,
      rolloverMinor: grant.rolloverMinor.toString(),
      meters: grant.meters,
      projectIds: grant.projectIds,
    })),
  };
}

export function toAgreement(json: AgreementJson): Agreement {
  return parseHistory({ ...json, events: [] });
}

/**
 * What was used under a contract, or of that within a span of time, and was final on record by a time: one event for each meter, in
 * the order of admission.
 */
export async function* readEvents(
  tx: Transaction,
  contract: Contract,
  { rules, finalUntil, within }: { rules: Rules; finalUntil: Date; within?: Span },
): AsyncGenerator<UsageEvent> {
  const { organizationId } = contract;
  for (const billed of spansOf(contract, await contractsInForce(tx, organizationId))) {
    const span = within ? overlap(billed, within) : billed;
    for await (const usage of readEndedUsage(tx, { ...span, organizationId, finalUntil }))
      yield* eventsOf(usage, rules);
  }
}

/** Which of a contract's usage its invoices are made from. */
export interface UsageRead {
  /** How many invoices. */
  periods: number;
  /** What was final on record by then. */
  finalUntil: Date;
  /** All of the contract's, where it is left out. */
  within?: Span;
}

/** The sums of a contract's usage that its first invoices are made from: none of the usage is held. */
export async function accumulate(
  tx: Transaction,
  contract: Contract,
  { periods, finalUntil, within }: UsageRead,
): Promise<UsageAccumulator> {
  const usage = new UsageAccumulator(toAgreement(await readAgreement(tx, contract, periods)));
  for await (const event of readEvents(tx, contract, { rules: usage, finalUntil, within })) usage.add(event);
  return usage;
}

/** By which usage is priced. */
type Rules = Pick<RuleIndex, 'ruleFor'>;

/**
 * One for each meter. Tokens of a prompt that were cached are such as all others where nothing prices them apart, and storage is
 * charged for where it has been agreed: where it has not, no invoice speaks of it.
 * Without rules all is told apart.
 */
export function* eventsOf(usage: EndedUsage, rules: Rules | null): Generator<UsageEvent> {
  const isPriced = (event: UsageEvent) => !rules || rules.ruleFor(event) !== null;
  const event = (meter: Meter, quantity: bigint): UsageEvent => ({
    id: `${usage.id}.${meter}`,
    at: usage.admittedAt.getTime(),
    receivedAt: usage.finalAt.getTime(),
    meter,
    quantity,
    projectId: usage.projectId,
    familyId: usage.familyId,
    checkpointId: usage.baseCheckpointId,
    listingId: usage.listingId,
    method: usage.method,
  });
  const cached = event('cached_input_tokens', usage.cachedInputTokens);
  const apart = cached.quantity > 0n && isPriced(cached) ? cached.quantity : 0n;
  const quantities: Array<[Meter, bigint]> = [
    ['training_tokens', usage.trainingTokens],
    ['input_tokens', usage.inputTokens - apart],
    ['cached_input_tokens', apart],
    ['output_tokens', usage.outputTokens],
    ['evaluation_tokens', usage.evaluationTokens],
  ];
  for (const [meter, quantity] of quantities) if (quantity > 0n) yield event(meter, quantity);
  const stored = event('stored_byte_hours', usage.storedByteHours);
  if (stored.quantity > 0n && isPriced(stored)) yield stored;
}

/** An event as JSON of a history. */
export function eventJson({ at, receivedAt, quantity, ...event }: UsageEvent): object {
  return {
    ...event,
    at: new Date(at).toISOString(),
    receivedAt: new Date(receivedAt).toISOString(),
    quantity: quantity.toString(),
  };
}
