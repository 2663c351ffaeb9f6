export interface Fault {
  name: string;
  folder: FaultFolder;
  file: string;
  /** Occurs exactly once in the source text. */
  find: string;
  replace: string;
}

/** The engine is in two places: what it shares with quotes and summaries lies where they can use it. */
export type FaultFolder = 'libs/billing/src/invoicing' | 'libs/contracts/src/pricing';

const planter =
  (folder: FaultFolder) =>
  (file: string, name: string, find: string, replace: string): Fault => ({ name, folder, file, find, replace });
const fault = planter('libs/billing/src/invoicing');
const pricingFault = planter('libs/contracts/src/pricing');

const FIELDS = "import { MATCH_FIELDS, type PriceRule } from '../contract/terms.js';";
/** The engine reads the fields of a match from elsewhere; this gives it others. */
const fieldsInstead = (fields: string) =>
  [
    FIELDS,
    `import { MATCH_FIELDS as FIELDS, type PriceRule } from '../contract/terms.js'; const [a, b, c, d, e] = FIELDS; const MATCH_FIELDS = ${fields};`,
  ] as const;

/** Mistakes that somebody could make in the engine. The comparison with the oracle has to find every one of them. */
export const FAULTS: readonly Fault[] = [
  fault('text-order.ts', 'text is ordered by UTF-16 units', 'unit + 0x10000', 'unit'),
  fault('text-order.ts', 'a longer text goes first', 'left.length - right.length', 'right.length - left.length'),

  fault(
    'money.ts',
    'an amount in yen has cents',
    'MINOR_UNIT_DECIMALS[currency])',
    '(MINOR_UNIT_DECIMALS[currency] || 2))',
  ),
  fault(
    'money.ts',
    'an amount in dinars has two decimals',
    'MINOR_UNIT_DECIMALS[currency])',
    'Math.min(MINOR_UNIT_DECIMALS[currency], 2))',
  ),
  fault(
    'money.ts',
    'amounts are rounded down',
    'roundToNanos(new Fraction(amount).mul(new Fraction(numerator, denominator)))',
    'roundToNanos(new Fraction(amount).mul(new Fraction(numerator, denominator)).floor())',
  ),
  fault(
    'money.ts',
    'half a unit is rounded down',
    'roundToNanos(new Fraction(amount).mul(new Fraction(numerator, denominator)))',
    'new Fraction(amount).mul(new Fraction(numerator, denominator)).sub(new Fraction(1, 2)).ceil().n',
  ),

  fault(
    'periods.ts',
    'a day of grace is a second short',
    'graceDays * DAY_MILLISECONDS',
    'graceDays * (DAY_MILLISECONDS - 1_000)',
  ),
  fault(
    'periods.ts',
    'the last period of the term is a whole month',
    'Math.min(monthAfter(from), endsAt)',
    'monthAfter(from)',
  ),
  fault(
    'periods.ts',
    'a period has the version of its beginning',
    'versionAt(versions, to - 1)',
    'versionAt(versions, from)',
  ),
  fault(
    'periods.ts',
    'a period has the version that takes effect at its end',
    'versionAt(versions, to - 1)',
    'versionAt(versions, to)',
  ),
  fault(
    'periods.ts',
    'a version takes effect a millisecond late',
    'effectiveFrom <= at',
    'effectiveFrom < Math.max(at, versions[0]!.effectiveFrom + 1)',
  ),
  fault('periods.ts', 'after the term the first version counts', 'versions.at(-1)!', 'versions[0]!'),

  fault(
    'usage-accumulator.ts',
    'what is received at the finalization is late',
    'countBelow(this.#finalizations, receivedAt)',
    'countBelow(this.#finalizations, receivedAt + 1)',
  ),
  fault('usage-accumulator.ts', 'the term takes its last instant', 'at >= endsAt', 'at > endsAt'),
  fault('usage-accumulator.ts', 'the term leaves out its first instant', 'at < startsAt', 'at <= startsAt'),
  fault(
    'usage-accumulator.ts',
    'a period begins a millisecond late',
    'countBelow(this.#starts, at + 1)',
    'Math.max(1, countBelow(this.#starts, at))',
  ),
  fault(
    'usage-accumulator.ts',
    'an event counts as received when it was last received',
    'event.receivedAt < known.receivedAt',
    'event.receivedAt > known.receivedAt',
  ),
  fault(
    'usage-accumulator.ts',
    'events with the same id are counted twice',
    'return first.values();',
    'return events;',
  ),
  fault(
    'usage-accumulator.ts',
    'what is unpriced is listed before anybody knows it',
    'if (firstKnowing > this.periods.length) return;',
    '',
  ),

  pricingFault(
    'rule-tree.ts',
    'a rule for all goes before one that names something',
    '(named && nearest(named, usage, depth + 1)) ?? (node.any && nearest(node.any, usage, depth + 1))',
    '(node.any && nearest(node.any, usage, depth + 1)) ?? (named ? nearest(named, usage, depth + 1) : null)',
  ),
  pricingFault(
    'rule-tree.ts',
    'there is no way back from a named value',
    '(named && nearest(named, usage, depth + 1)) ?? (node.any',
    'named ? nearest(named, usage, depth + 1) : (node.any',
  ),
  pricingFault('rule-tree.ts', 'a listing goes before a project', ...fieldsInstead('[b, a, c, d, e]')),
  pricingFault('rule-tree.ts', 'a family goes before a checkpoint', ...fieldsInstead('[a, b, d, c, e]')),
  pricingFault('rule-tree.ts', 'methods are not looked at', ...fieldsInstead('[a, b, c, d]')),
  pricingFault(
    'discounts.ts',
    'the largest discount counts alone',
    'sum + BigInt(basisPoints)',
    'BigInt(basisPoints) > sum ? BigInt(basisPoints) : sum',
  ),
  pricingFault(
    'discounts.ts',
    'discounts may be more than everything',
    'discounted < WHOLE_BASIS_POINTS ? discounted : WHOLE_BASIS_POINTS',
    'discounted',
  ),
  pricingFault(
    'discounts.ts',
    'a discount without meters is for none',
    'meters === null || meters.includes(meter)',
    'meters !== null && meters.includes(meter)',
  ),
  fault(
    'rule-index.ts',
    'lines are ordered by rule before meter',
    'METERS.indexOf(left.meter) - METERS.indexOf(right.meter) || compareText(left.id, right.id)',
    'compareText(left.id, right.id) || METERS.indexOf(left.meter) - METERS.indexOf(right.meter)',
  ),

  pricingFault(
    'exact-price.ts',
    'a tier leaves its last unit to the next one',
    'quantity <= upTo)!',
    'quantity < upTo)!',
  ),
  pricingFault(
    'exact-price.ts',
    'a tier without a unit adds its fee',
    'if (quantity <= lower) break;',
    'if (quantity < lower) break;',
  ),
  pricingFault(
    'exact-price.ts',
    'each tier prices units from the first on',
    'unitsNanos(tier, upper - lower)',
    'unitsNanos(tier, upper)',
  ),
  pricingFault(
    'exact-price.ts',
    'graduated tiers have no fee',
    '.add(unitsNanos(tier, upper - lower)).add(tier.feeNanos)',
    '.add(unitsNanos(tier, upper - lower))',
  ),
  pricingFault(
    'exact-price.ts',
    'volume tiers have no fee',
    'return unitsNanos(tier, quantity).add(tier.feeNanos);',
    'return unitsNanos(tier, quantity);',
  ),
  pricingFault(
    'exact-price.ts',
    'a package that is full begins another',
    'quantity + packageUnits - 1n',
    'quantity + packageUnits',
  ),
  pricingFault(
    'exact-price.ts',
    'a package that is begun is free',
    '(quantity + packageUnits - 1n) / packageUnits',
    'quantity / packageUnits',
  ),

  fault(
    'usage-lines.ts',
    'what is left goes to the smallest fractional parts',
    'compare(b.remainder, a.remainder)',
    'compare(a.remainder, b.remainder)',
  ),
  fault(
    'usage-lines.ts',
    'of equal parts the last project gets the unit',
    '.sort(([left], [right]) => compareText(left, right))',
    '.sort(([left], [right]) => compareText(right, left))',
  ),
  fault('usage-lines.ts', 'what rounding leaves is lost', 'share.amountMinor += 1n', 'share.amountMinor += 0n'),
  fault('usage-lines.ts', 'there is a minimum after the term', 'if (!period.isInTerm) return 0n;', ''),
  fault(
    'usage-lines.ts',
    'the minimum is that of a whole month',
    'roundedPart(minimumMinor, length, BigInt(monthMilliseconds(period.from)))',
    'roundedPart(minimumMinor, length, length)',
  ),
  fault(
    'usage-lines.ts',
    'every month has thirty days',
    'BigInt(monthMilliseconds(period.from))',
    'BigInt(30 * 86_400_000)',
  ),
  fault(
    'usage-lines.ts',
    'the minimum comes on top of usage',
    'least - sumOf(lines.map(({ amountMinor }) => amountMinor))',
    'least',
  ),

  fault('adjustments.ts', 'an adjustment is old less new', 'amountMinor: difference', 'amountMinor: -difference'),
  fault('adjustments.ts', 'the minimum is never adjusted', 'after.minimumMinor - before.minimumMinor', '0n'),
  fault('adjustments.ts', 'nothing is ever given back', 'amountMinor !== 0n', 'amountMinor > 0n'),
  fault('adjustments.ts', 'what did not change is listed', 'amountMinor !== 0n', 'true'),
  fault(
    'period-usage.ts',
    'an adjustment is made again on every invoice',
    'this.#assessment = this.#assess();\n    return adjust',
    'return adjust',
  ),

  fault('credits.ts', 'a grant pays before it takes effect', 'effectiveAt < to &&', 'effectiveAt <= to &&'),
  fault('credits.ts', 'a grant pays in the period after it expired', 'expiresAt > from', 'expiresAt >= from'),
  fault(
    'credits.ts',
    'a grant that is voided at the end of a period pays nothing in it',
    'voidedAt >= to',
    'voidedAt > to',
  ),
  fault('credits.ts', 'a grant that is voided pays all the same', ' && (voidedAt === null || voidedAt >= to)', ''),
  fault('credits.ts', 'a monthly grant goes on after the term', "recurrence === 'monthly' && !isInTerm", 'false'),
  fault('credits.ts', 'a single grant ends with the term', "recurrence === 'monthly' && !isInTerm", '!isInTerm'),
  fault(
    'credits.ts',
    'all that is left rolls over',
    'smaller(this.#leftBefore.get(grant) ?? 0n, grant.rolloverMinor)',
    '(this.#leftBefore.get(grant) ?? 0n)',
  ),
  fault('credits.ts', 'nothing rolls over', 'smaller(this.#leftBefore.get(grant) ?? 0n, grant.rolloverMinor)', '0n'),
  fault('credits.ts', 'a single grant is given every month', "grant.recurrence === 'once'", 'false'),
  fault('credits.ts', 'a monthly grant is given once', "grant.recurrence === 'once'", 'true'),
  fault(
    'credits.ts',
    'the highest priority pays first',
    'left.priority - right.priority',
    'right.priority - left.priority',
  ),
  fault(
    'credits.ts',
    'grants that never expire pay first',
    'left.expiresAt ?? Infinity, right.expiresAt ?? Infinity',
    'left.expiresAt ?? 0, right.expiresAt ?? 0',
  ),
  fault(
    'credits.ts',
    'a grant for some meters pays the minimum',
    'meter !== null && meters.includes(meter)',
    'meter === null || meters.includes(meter)',
  ),
  fault(
    'credits.ts',
    'a grant for some projects pays the minimum',
    'projectId !== null && projectIds.includes(projectId)',
    'projectId === null || projectIds.includes(projectId)',
  ),
  fault('credits.ts', 'a grant pays what is negative', 'charge.amountMinor <= 0n', 'charge.amountMinor === 0n'),
  fault(
    'invoices.ts',
    'credits do not pay adjustments',
    'credits.pay(period, charges)',
    'credits.pay(period, chargesOf(assessment, []))',
  ),
  fault(
    'invoices.ts',
    'adjustments are paid before usage',
    'credits.pay(period, charges)',
    'credits.pay(period, [...adjustments, ...chargesOf(assessment, [])])',
  ),

  fault('commitments.ts', 'a commitment is active before it begins', 'commitment.from.getTime() <= from && ', ''),
  fault(
    'commitments.ts',
    'a commitment is active a period longer',
    'from < commitment.to.getTime()',
    'from <= commitment.to.getTime()',
  ),
  fault('commitments.ts', 'a purchase is billed every period', 'larger(amountMinor - billed, 0n)', 'amountMinor'),
  fault(
    'commitments.ts',
    'a raised amount is not billed',
    'larger(amountMinor - billed, 0n)',
    '(billed === 0n ? amountMinor : 0n)',
  ),
  fault(
    'commitments.ts',
    'more is drawn down than was bought',
    'smaller(consumption, larger(amountMinor - before, 0n))',
    'consumption',
  ),
  fault('commitments.ts', 'a period that gives back lowers what was consumed', 'larger(netMinor, 0n)', 'netMinor'),
  fault(
    'commitments.ts',
    'overage is charged again for what was beyond before',
    'after - larger(amountMinor, before)',
    'after - amountMinor',
  ),
  fault(
    'commitments.ts',
    'overage is charged in full',
    'BigInt(overageBasisPoints) - WHOLE_BASIS_POINTS, ',
    'BigInt(overageBasisPoints), ',
  ),
  fault(
    'commitments.ts',
    'what is missing is charged in every period',
    "kind === 'postpaid' && period.to === to.getTime()",
    "kind === 'postpaid'",
  ),
  fault(
    'commitments.ts',
    'what is missing of what was prepaid is charged',
    "kind === 'postpaid' && period.to === to.getTime()",
    'period.to === to.getTime()',
  ),
  fault(
    'commitments.ts',
    'the last period does not count for what is missing',
    'larger(amountMinor - after, 0n) : 0n',
    'larger(amountMinor - before, 0n) : 0n',
  ),
  fault(
    'commitments.ts',
    'what is postpaid is drawn down',
    "drawdownMinor: kind === 'prepaid' ? ",
    'drawdownMinor: true ? ',
  ),

  fault('invoices.ts', 'what is carried is forgotten', 'carriedMinor = balance.carriedOutMinor;', ''),
  fault('invoices.ts', 'a drawdown is charged', 'trueUpMinor - drawdownMinor', 'trueUpMinor + drawdownMinor'),
  fault('invoices.ts', 'overage is left out', 'purchaseMinor + overageMinor', 'purchaseMinor'),
  fault('invoices.ts', 'tax is on net', 'roundedPart(taxableMinor,', 'roundedPart(larger(netMinor, 0n),'),
  fault('invoices.ts', 'tax is given back', 'roundedPart(taxableMinor,', 'roundedPart(subtotalMinor,'),
  fault('invoices.ts', 'tax is in what is due', 'dueMinor: taxableMinor + taxMinor', 'dueMinor: taxableMinor'),
];
