import type { StoppableService } from '#libs/contracts';
import { daysAfter } from '../invoices/due-date.js';

/** How far the unpaid invoices of an organization have come, from nothing to the end. */
export const SERVICE_STATES = ['current', 'overdue', 'warned', 'no_new_work', 'inference_off'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

interface DunningStep {
  state: ServiceState;
  /** Days of 86,400 seconds after the due date of the invoice that is due longest. */
  afterDays: number;
  stops: readonly StoppableService[];
}

/**
 * From the mildest to the hardest, each with the time to pay before the next: a transfer made on the last day takes up to three; two weeks
 * are a usual run of payments, so that a warning is of who missed one; a week after it nothing is begun that could not be paid either; and
 * what customers of the partner call goes on for two weeks more, since it is they who are hurt.
 */
export const DUNNING_STEPS: readonly DunningStep[] = [
  { state: 'overdue', afterDays: 3, stops: [] },
  { state: 'warned', afterDays: 14, stops: [] },
  { state: 'no_new_work', afterDays: 21, stops: ['new_work'] },
  { state: 'inference_off', afterDays: 35, stops: ['new_work', 'inference'] },
];

/** What was due by then and is not paid is in the schedule. */
export function dunnedIfDueBy(at: Date): Date {
  return daysAfter(at, -DUNNING_STEPS[0]!.afterDays);
}

export interface UnpaidInvoice {
  id: string;
  number: number;
  dueAt: Date;
  /** Within how many days it was to be paid, as its contract says. */
  paymentDays: number;
}

export interface Standing {
  state: ServiceState;
  stops: readonly StoppableService[];
  /** Those that are overdue, the one that is due longest first: none if `current`. */
  because: readonly UnpaidInvoice[];
  /** What comes if nothing is paid; null at the end of the schedule, and where nothing is unpaid. */
  next: { state: ServiceState; at: Date } | null;
}

/** Where an organization stands at a time, from nothing but its unpaid invoices: paying takes it back at once. */
export function standingOf(unpaid: readonly UnpaidInvoice[], at: Date): Standing {
  const byDueDate = unpaid.toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || a.number - b.number);
  const [longest] = byDueDate;
  if (!longest) return { state: 'current', stops: [], because: [], next: null };
  const isReached = ({ afterDays }: DunningStep, { dueAt }: UnpaidInvoice) => daysAfter(dueAt, afterDays) <= at;
  const [first] = DUNNING_STEPS;
  const reached = DUNNING_STEPS.findLast((step) => isReached(step, longest));
  const next = DUNNING_STEPS.find((step) => !isReached(step, longest));
  return {
    state: reached?.state ?? 'current',
    stops: reached?.stops ?? [],
    because: byDueDate.filter((invoice) => isReached(first!, invoice)),
    next: next ? { state: next.state, at: daysAfter(longest.dueAt, next.afterDays) } : null,
  };
}
