import type { UsageEvent } from '#libs/billing';
import { METERS } from '#libs/kernel';

const PROJECTS = 40;
const FAMILIES = 5;
const CHECKPOINTS = 60;
const RULES_PER_METER = 12;
const START = Date.UTC(2026, 0, 1);
const YEAR_MILLISECONDS = 365 * 86_400_000;
const LATE_MILLISECONDS = 40 * 86_400_000;

/** A year's contract with an amendment in its middle and, for each meter, rules that name projects, checkpoints and families. */
export function generatedContract(): object {
  const terms = {
    prices: METERS.flatMap(rules),
    discounts: [],
    minimumMinor: '0',
    commitments: [],
    taxBasisPoints: 0,
  };
  return {
    currency: 'USD',
    startsAt: '2026-01-01T00:00:00.000Z',
    endsAt: '2027-01-01T00:00:00.000Z',
    graceDays: 3,
    periods: 14,
    versions: [
      { number: 1, effectiveFrom: '2026-01-01T00:00:00.000Z', terms },
      { number: 2, effectiveFrom: '2026-07-10T12:00:00.000Z', terms },
    ],
    events: [],
    grants: [],
  };
}

function rules(meter: string): object[] {
  const price = { kind: 'flat', priceNanos: '1700', perUnits: '3' };
  return Array.from({ length: RULES_PER_METER }, (_, index) => ({
    id: `${meter}-${index}`,
    meter,
    match: [
      { projectId: `project-${index}` },
      { checkpointId: `checkpoint-${index}` },
      { familyId: `family-${index}` },
    ][index % 3],
    price,
  })).concat({ id: `${meter}-rest`, meter, match: {} as never, price });
}

/** Always the same events, one after the other; strings are new ones, as if they had been read. */
export function* generatedUsage(count: number): Generator<UsageEvent> {
  let state = 1;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let index = 0; index < count; index++) {
    const at = START + below(YEAR_MILLISECONDS);
    yield {
      id: `event-${index}`,
      at,
      receivedAt: at + (below(20) === 0 ? below(LATE_MILLISECONDS) : below(1_000)),
      meter: METERS[below(METERS.length)]!,
      quantity: BigInt(1 + below(100_000)),
      projectId: `project-${below(PROJECTS)}`,
      familyId: `family-${below(FAMILIES)}`,
      checkpointId: `checkpoint-${below(CHECKPOINTS)}`,
      listingId: null,
      method: below(2) === 0 ? 'lora' : null,
    };
  }
}
