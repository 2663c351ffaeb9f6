import { canonicalJson } from '#libs/kernel';
import {
  type ContractTerms,
  DEFAULT_PAYMENT_DAYS,
  type PriceRule,
  parseTerms,
  termsInvalid,
} from '../contract/terms.js';
import type { ContractPriceRuleInput, ContractTermsInput } from './contract-terms.inputs.js';
import type { ContractPriceRuleType, ContractTermsType } from './contract-terms.types.js';

const KINDS = ['flat', 'graduated', 'volume', 'package'] as const;

/** Usage costs its price: in hundredths of a percent. */
const NO_SURCHARGE = 10_000;

/** Terms as they are kept, from the input that gives them. */
export function readTerms(input: ContractTermsInput): ContractTerms {
  const terms = {
    prices: input.prices.map(readRule),
    discounts: (input.discounts ?? []).map(({ id, basisPoints, meters }) => ({
      id,
      basisPoints,
      meters: meters ?? null,
    })),
    minimumMinor: input.minimumMinor ?? 0n,
    commitments: (input.commitments ?? []).map(({ overageBasisPoints, ...commitment }) => ({
      ...commitment,
      overageBasisPoints: overageBasisPoints ?? NO_SURCHARGE,
    })),
    taxBasisPoints: input.taxBasisPoints ?? 0,
    paymentDays: input.paymentDays ?? DEFAULT_PAYMENT_DAYS,
    exportClearances: input.exportClearances ?? [],
    regions: input.regions ?? null,
    retention: {
      uploadDays: input.retention?.uploadDays ?? null,
      afterEndDays: input.retention?.afterEndDays ?? null,
    },
  };
  return parseTerms(JSON.parse(canonicalJson(terms)));
}

function readRule({ id, meter, match, ...prices }: ContractPriceRuleInput, position: number): object {
  const kinds = KINDS.filter((kind) => prices[kind] != null);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw termsInvalid({ path: ['prices', position], problem: `give exactly one of ${KINDS.join(', ')}` });
  const given = Object.entries(match ?? {}).filter(([, value]) => value != null);
  return { id, meter, match: Object.fromEntries(given), price: { kind, ...readPrice(prices, kind) } };
}

function readPrice(prices: Pick<ContractPriceRuleInput, (typeof KINDS)[number]>, kind: (typeof KINDS)[number]) {
  if (kind === 'flat' || kind === 'package') return { ...prices[kind] };
  const tiers = prices[kind]?.tiers ?? [];
  return { tiers: tiers.map((tier) => ({ ...tier, upTo: tier.upTo ?? null, feeNanos: tier.feeNanos ?? 0n })) };
}

export function showTerms(terms: ContractTerms): ContractTermsType {
  return { ...terms, prices: terms.prices.map(showRule) };
}

function showRule({ id, meter, match, price }: PriceRule): ContractPriceRuleType {
  return {
    id,
    meter,
    match,
    flat: price.kind === 'flat' ? price : null,
    graduated: price.kind === 'graduated' ? price : null,
    volume: price.kind === 'volume' ? price : null,
    package: price.kind === 'package' ? price : null,
  };
}
