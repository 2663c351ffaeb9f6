/** Terms in JSON that say nothing but what they are given. */
export function termsJson(part: object = {}): object {
  return {
    ...{ prices: [], discounts: [], minimumMinor: '0', commitments: [], taxBasisPoints: 0, paymentDays: 30 },
    ...{ exportClearances: [], regions: null, retention: { uploadDays: null, afterEndDays: null } },
    ...part,
  };
}

/** One price for all usage of a meter. */
export function flatRule(id: string, priceNanos: string, part: object = {}): object {
  return { id, meter: 'input_tokens', match: {}, price: { kind: 'flat', priceNanos, perUnits: '1000000' }, ...part };
}
