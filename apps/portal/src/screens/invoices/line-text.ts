import { words } from '../../format';
import type { InvoiceLine } from './documents';

const PARTS: Record<InvoiceLine['part'], (line: InvoiceLine) => string> = {
  USAGE: ({ meter }) => words(meter ?? ''),
  MINIMUM: () => 'Up to the minimum of the period',
  ADJUSTMENT: ({ meter, period }) => `${meter ? words(meter) : 'Minimum'} of period ${period}, late`,
  CREDIT: () => 'Credit',
  PURCHASE: ({ commitmentId }) => `Commitment ${commitmentId}, bought`,
  DRAWDOWN: ({ commitmentId }) => `Paid from commitment ${commitmentId}`,
  OVERAGE: ({ commitmentId }) => `Surcharge beyond commitment ${commitmentId}`,
  TRUE_UP: ({ commitmentId }) => `Commitment ${commitmentId}, not used by its end`,
  CARRIED_IN: () => 'Carried from the invoice before',
  TAX: () => 'Tax',
};

/** What a line is for, in words. */
export function describe(line: InvoiceLine): string {
  return PARTS[line.part](line);
}
