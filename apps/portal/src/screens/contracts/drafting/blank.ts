import { METER_UNITS, type Meter } from '../../../terms';
import type { RuleValues, Values } from './values';

export const NO_MATCH: RuleValues['match'] = {
  projectId: '',
  listingId: '',
  checkpointId: '',
  familyId: '',
  method: '',
};

export function blankTier(meter: Meter): RuleValues['tiers'][number] {
  return { upTo: '', price: '', per: METER_UNITS[meter].priced, fee: '0' };
}

export function blankRule(meter: Meter): RuleValues {
  return {
    id: meter.toLowerCase().replaceAll('_', '-'),
    meter,
    match: NO_MATCH,
    kind: 'flat',
    tiers: [blankTier(meter)],
  };
}

export const blankDiscount = (): Values['discounts'][number] => ({ id: '', percent: '', meters: [] });
export const blankCommitment = (): Values['commitments'][number] => ({
  id: '',
  kind: 'PREPAID',
  amount: '',
  from: '',
  to: '',
  overage: '100',
});

/** With a line for each kind of token, as most contracts have. */
export const BLANK: Values = {
  organizationId: '',
  name: '',
  currency: 'USD',
  startsAt: '',
  endsAt: '',
  graceDays: '3',
  purchaseOrder: '',
  summary: '',
  effectiveFrom: '',
  prices: (['TRAINING_TOKENS', 'INPUT_TOKENS', 'OUTPUT_TOKENS'] as const).map(blankRule),
  discounts: [],
  minimum: '0',
  commitments: [],
  tax: '0',
  paymentDays: '30',
  exportClearances: '',
  regions: '',
  uploadDays: '',
  afterEndDays: '',
};
