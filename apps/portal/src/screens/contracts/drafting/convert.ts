import type { VariablesOf } from '../../../api';
import { decimalsOf, NANO_DIGITS, parseDecimal, writeDecimal } from '../../../format';
import type { PriceRule } from '../../../terms';
import { tagsOf } from '../../../terms/tags';
import { blankTier } from './blank';
import type { Contract, DraftContract, Version } from './documents';
import { MATCH_FIELDS, PERCENT_DIGITS, PRICE_KINDS, type RuleValues, type Values } from './values';

type DraftInput = VariablesOf<typeof DraftContract>['input'];
export type TermsInput = DraftInput['terms'];

/** A time in UTC as the browser's field has it: without the Z. */
export const toField = (iso: string | null): string => (iso ? iso.slice(0, iso.endsWith(':00.000Z') ? 16 : 23) : '');
export const fromField = (text: string): string => new Date(`${text}Z`).toISOString();
const fromFieldOrNull = (text: string): string | null => (text ? fromField(text) : null);

/** What the form begins with to change a version. */
export function valuesOf(contract: Contract, { terms, summary, effectiveFrom }: Version): Values {
  const { currency } = contract;
  const major = (minor: string) => writeDecimal(minor, decimalsOf(currency));
  return {
    organizationId: contract.organization.id,
    name: contract.name,
    currency,
    startsAt: toField(contract.startsAt),
    endsAt: toField(contract.endsAt),
    graceDays: String(contract.graceDays),
    purchaseOrder: contract.purchaseOrder ?? '',
    summary,
    effectiveFrom: toField(effectiveFrom),
    prices: terms.prices.map(ruleValuesOf),
    discounts: terms.discounts.map(({ id, basisPoints, meters }) => ({
      id,
      percent: percentOf(basisPoints),
      meters: [...(meters ?? [])],
    })),
    minimum: major(terms.minimumMinor),
    commitments: terms.commitments.map(({ id, kind, amountMinor, from, to, overageBasisPoints }) => ({
      id,
      kind,
      amount: major(amountMinor),
      from: toField(from),
      to: toField(to),
      overage: percentOf(overageBasisPoints),
    })),
    tax: percentOf(terms.taxBasisPoints),
    paymentDays: String(terms.paymentDays),
    exportClearances: terms.exportClearances.join(', '),
    regions: (terms.regions ?? []).join(', '),
    uploadDays: String(terms.retention.uploadDays ?? ''),
    afterEndDays: String(terms.retention.afterEndDays ?? ''),
  };
}

const percentOf = (basisPoints: number): string => writeDecimal(String(basisPoints), PERCENT_DIGITS);

function ruleValuesOf(rule: PriceRule): RuleValues {
  const { id, meter, match, flat, package: packaged } = rule;
  const kind = PRICE_KINDS.find((one) => rule[one]) ?? 'flat';
  const only = { ...blankTier(meter), price: writeNanos(flat?.priceNanos ?? packaged?.priceNanos ?? '0') };
  const tiers = (rule.graduated ?? rule.volume)?.tiers.map(({ upTo, priceNanos, perUnits, feeNanos }) => ({
    upTo: upTo ?? '',
    price: writeNanos(priceNanos),
    per: perUnits,
    fee: writeNanos(feeNanos),
  }));
  return {
    id,
    meter,
    match: Object.fromEntries(MATCH_FIELDS.map((field) => [field, match[field] ?? ''])) as RuleValues['match'],
    kind,
    tiers: tiers ?? [{ ...only, per: flat?.perUnits ?? packaged?.packageUnits ?? only.per }],
  };
}

const writeNanos = (nanos: string): string => writeDecimal(nanos, NANO_DIGITS);
const nanosOf = (text: string): string => parseDecimal(text, NANO_DIGITS) ?? '0';

/** What the form says of money and use, as the api takes it. What can't be read yet counts as nothing: such a form is not sent. */
export function termsOf(values: Values): TermsInput {
  const { currency, prices, discounts, minimum, commitments, tax, paymentDays } = values;
  const { exportClearances, regions, uploadDays, afterEndDays } = values;
  const minorOf = (text: string) => parseDecimal(text, decimalsOf(currency)) ?? '0';
  return {
    prices: prices.map(ruleOf),
    discounts: discounts.map(({ id, percent, meters }) => ({
      id,
      basisPoints: basisPointsOf(percent),
      ...(meters.length > 0 ? { meters } : {}),
    })),
    minimumMinor: minorOf(minimum),
    commitments: commitments.map(({ id, kind, amount, from, to, overage }) => ({
      id,
      kind,
      amountMinor: minorOf(amount),
      from: fromFieldOrNull(from) ?? '',
      to: fromFieldOrNull(to) ?? '',
      overageBasisPoints: basisPointsOf(overage),
    })),
    taxBasisPoints: basisPointsOf(tax),
    paymentDays: Number(paymentDays),
    exportClearances: tagsOf(exportClearances),
    regions: regions.trim() ? tagsOf(regions) : null,
    retention: { uploadDays: keptDaysOf(uploadDays), afterEndDays: keptDaysOf(afterEndDays) },
  };
}

const keptDaysOf = (text: string): number | null => (text ? Number(text) : null);
const basisPointsOf = (percent: string): number => Number(parseDecimal(percent, PERCENT_DIGITS) ?? '0');

function ruleOf({ id, meter, match, kind, tiers }: RuleValues): TermsInput['prices'][number] {
  const named = Object.entries(match).filter(([, value]) => value);
  return {
    id,
    meter,
    ...(named.length > 0 ? { match: Object.fromEntries(named) } : {}),
    [kind]: priceOf(kind, tiers),
  };
}

function priceOf(kind: RuleValues['kind'], tiers: RuleValues['tiers']) {
  const [first] = tiers;
  const priceNanos = nanosOf(first?.price ?? '');
  if (kind === 'flat') return { priceNanos, perUnits: first?.per };
  if (kind === 'package') return { priceNanos, packageUnits: first?.per };
  return {
    tiers: tiers.map(({ upTo, price, per, fee }) => ({
      ...(upTo ? { upTo } : {}),
      priceNanos: nanosOf(price),
      perUnits: per,
      feeNanos: nanosOf(fee),
    })),
  };
}

/** What all versions share. */
export function frameOf({ name, startsAt, endsAt, graceDays, purchaseOrder }: Values) {
  return {
    name,
    startsAt: fromFieldOrNull(startsAt),
    endsAt: fromField(endsAt),
    graceDays: Number(graceDays),
    purchaseOrder: purchaseOrder || null,
  };
}

export const effectiveFromOf = ({ effectiveFrom }: Values): string | null => fromFieldOrNull(effectiveFrom);
