import { type Contract, findContracts } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { readAgreement, readEvents, toAgreement } from '../invoices/contract-history.js';
import { periodsOf, UsageAccumulator } from '../invoicing/index.js';
import { type Forecast, forecastOf, observedSpan } from './forecast.js';
import { Pace } from './pace.js';

/** What a contract in force comes to by its end; null before it begins, and to who does not see it. */
export async function forecastContract(
  tx: Transaction,
  contractId: string,
  now: Date,
): Promise<{ contract: Contract; forecast: Forecast } | null> {
  const [contract] = await findContracts(tx, [contractId]);
  if (contract?.state !== 'in_force' || contract.startsAt! > now) return null;
  const agreement = toAgreement(await readAgreement(tx, contract, monthsOf(contract)));
  const periods = periodsOf(agreement).filter(({ isInTerm }) => isInTerm).length;
  const usage = new UsageAccumulator({ ...agreement, periods });
  const pace = new Pace(observedSpan(agreement, now.getTime()));
  for await (const event of readEvents(tx, contract, { rules: usage, finalUntil: now })) {
    usage.add(event);
    pace.add(event);
  }
  return { contract, forecast: forecastOf(usage, pace) };
}

/** At least as many as the term touches. */
function monthsOf({ startsAt, endsAt }: Contract): number {
  const month = (time: Date) => time.getUTCFullYear() * 12 + time.getUTCMonth();
  return month(endsAt) - month(startsAt!) + 1;
}
