import { beganBefore, type Contract } from '#libs/contracts';

export interface Span {
  from: Date;
  /** Exclusive. */
  to: Date;
}

/**
 * The times of which a contract bills the usage: its term, less the terms of those of the partner that began before it. So usage is
 * of one contract, and of which one is known when it happens: nobody can make a contract that began earlier.
 */
export function spansOf(contract: Contract, inForce: readonly Contract[]): Span[] {
  let spans = [termOf(contract)];
  for (const other of inForce) {
    if (beganBefore(other, contract)) spans = spans.flatMap((span) => without(span, termOf(other)));
  }
  return spans;
}

/** What two spans have in common: of no length, or less, where that is nothing. */
export function overlap(one: Span, other: Span): Span {
  const later = one.from > other.from ? one : other;
  const earlier = one.to < other.to ? one : other;
  return { from: later.from, to: earlier.to };
}

function termOf({ startsAt, endsAt }: Contract): Span {
  return { from: startsAt!, to: endsAt };
}

function without({ from, to }: Span, taken: Span): Span[] {
  const before = { from, to: taken.from < to ? taken.from : to };
  const after = { from: taken.to > from ? taken.to : from, to };
  return [before, after].filter((span) => span.from < span.to);
}
