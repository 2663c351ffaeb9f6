import { LEDGER_ERRORS } from '../ledger.errors.js';

export function assertAboveZero(what: string, amountMinor: bigint): void {
  if (amountMinor > 0n) return;
  throw LEDGER_ERRORS.LEDGER_AMOUNT_INVALID({ what, amountMinor: amountMinor.toString(), rule: 'above zero' });
}

export function assertNotZero(what: string, amountMinor: bigint): void {
  if (amountMinor !== 0n) return;
  throw LEDGER_ERRORS.LEDGER_AMOUNT_INVALID({ what, amountMinor: amountMinor.toString(), rule: 'not zero' });
}

export function assertNotBelowZero(what: string, amountMinor: bigint): void {
  if (amountMinor >= 0n) return;
  throw LEDGER_ERRORS.LEDGER_AMOUNT_INVALID({ what, amountMinor: amountMinor.toString(), rule: 'zero or above' });
}

export function assertNotAboveZero(what: string, amountMinor: bigint): void {
  if (amountMinor <= 0n) return;
  throw LEDGER_ERRORS.LEDGER_AMOUNT_INVALID({ what, amountMinor: amountMinor.toString(), rule: 'zero or below' });
}

export function assertWithin(what: string, amountMinor: bigint, openMinor: bigint): void {
  if (amountMinor <= openMinor) return;
  const [amount, open] = [amountMinor.toString(), openMinor.toString()];
  throw LEDGER_ERRORS.LEDGER_EXCEEDS_OPEN({ what, amountMinor: amount, openMinor: open });
}
