import { words } from '../../format';
import { Status, type Tone } from '../../ui';
import type { InvoiceState } from './route';

const TONES: Record<InvoiceState, Tone> = {
  DRAFT: 'neutral',
  OPEN: 'accent',
  FINALIZED: 'warn',
  PAID: 'ok',
  VOID: 'neutral',
  UNCOLLECTIBLE: 'bad',
};

export function InvoiceStatus({ state }: { state: InvoiceState }) {
  return <Status tone={TONES[state]}>{words(state)}</Status>;
}

/** The lab's number is given when an invoice is final; until then its period names it. */
export function invoiceTitle({ number, period }: { number: number | null; period: number }): string {
  return number === null ? `Period ${period}` : `Invoice ${number}`;
}
