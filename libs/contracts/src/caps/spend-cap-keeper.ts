import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, type DomainError, formatMoney } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { InferenceSpending } from './inference-spending.js';
import { SPEND_CAP_ERRORS } from './spend-cap.errors.js';
import {
  appliesTo,
  type CountedCap,
  leftOf,
  limitText,
  type Span,
  type SpendCap,
  type Spender,
  type SpendWindow,
  subjectText,
  windowAt,
  windowOf,
} from './spend-cap.js';
import { capsInForce } from './spend-cap.repository.js';
import { alertOf } from './spend-cap-alert.js';
import {
  addToWindows,
  holdForReservations,
  inferenceCountedUntil,
  insertHolds,
  insertWindow,
  moveInferenceCursor,
  openWindows,
  settleHolds,
  sumReservations,
  takeTurn,
} from './spend-window.repository.js';

/** With whether its window was opened: else it is what opening it would begin with. */
export interface MeasuredCap extends CountedCap {
  isOpen: boolean;
}

/** What is asked of caps: so much at most, or whatever something will cost that can't be told yet. */
type Asked = bigint | null;

/**
 * What is held and spent of caps. What is reserved is taken from every cap that applies, or from none; a cap counts it in the window
 * in which it was reserved. A window is opened when it first counts, with what was reserved and spent in it before.
 */
@Injectable()
export class SpendCapKeeper {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly inference: InferenceSpending,
  ) {}

  /** The caps that will hold this, once `hold` is called in the same transaction; refused where a hard one has less left. */
  async admit(tx: Transaction, spender: Spender, asked: Asked): Promise<CountedCap[]> {
    await takeTurn(tx);
    const counted = await this.countedFor(tx, spender);
    const exceeded = exceededBy(counted, asked);
    if (exceeded) throw refusalOf(exceeded, asked);
    return counted;
  }

  /** What `admit` would refuse; changes nothing and waits for nobody. */
  async preview(tx: Transaction, spender: Spender, asked: bigint): Promise<CountedCap | null> {
    const caps = (await capsInForce(tx)).filter((cap) => appliesTo(cap, spender));
    return exceededBy(await this.measured(tx, caps, this.clock.now()), asked);
  }

  /** Takes what was admitted from every cap that it was admitted by. */
  async hold(tx: Transaction, held: { reservationId: string; nanos: bigint }, counted: readonly CountedCap[]) {
    await this.add(tx, counted, { heldNanos: held.nanos });
    await insertHolds(tx, held, counted);
  }

  /** Gives back what a reservation holds; what it came to is spent in the same windows. */
  async settle(tx: Transaction, reservationId: string, spentNanos: bigint): Promise<void> {
    await settleHolds(tx, reservationId, spentNanos);
  }

  /** What was spent without being reserved; it is counted, whatever is left. */
  async spend(tx: Transaction, spender: Spender, nanos: bigint): Promise<void> {
    await takeTurn(tx);
    await this.add(tx, await this.countedFor(tx, spender), { spentNanos: nanos });
  }

  /** Up to when inference of the scope's organization that became final is counted; null where none ever was. */
  inferenceCountedUntil(tx: Transaction): Promise<Date | null> {
    return inferenceCountedUntil(tx, tx.scope.organizationId);
  }

  /**
   * Counts inference of the scope's organization that became final until a time and was not counted before, each exactly once: how far
   * it was counted moves on in the same transaction.
   */
  async countInference(tx: Transaction, finalUntil: Date): Promise<void> {
    await takeTurn(tx);
    const { organizationId } = tx.scope;
    const finalAfter = await inferenceCountedUntil(tx, organizationId);
    if (finalAfter && finalAfter >= finalUntil) return;
    const caps = await capsInForce(tx);
    const now = this.clock.now();
    await this.opened(tx, caps, now);
    const span = { ...lateSpan(caps, now), organizationId, finalAfter, finalUntil };
    for (const { at, nanos, ...spender } of await this.inference.read(tx, span)) {
      const windows = caps
        .filter((cap) => appliesTo(cap, spender))
        .map((cap) => ({ cap, window: windowAt(cap.period, at) }));
      await this.add(tx, windows, { spentNanos: nanos });
    }
    await moveInferenceCursor(tx, finalUntil);
  }

  /** Opens the present windows of all caps of the scope's organization, so that what is spent of them already is told of. */
  async openAll(tx: Transaction): Promise<void> {
    await takeTurn(tx);
    await this.opened(tx, await capsInForce(tx), this.clock.now());
  }

  /** What caps have held and spent in the windows that they have now, or had last; of one that nothing has opened what it would begin with. */
  async measured(tx: Transaction, caps: readonly SpendCap[], now: Date): Promise<MeasuredCap[]> {
    const open = await openWindows(tx, caps, now);
    const measured: MeasuredCap[] = [];
    for (const cap of caps) {
      const known = open.get(cap.id);
      const window = known ?? (await this.measure(tx, cap, windowOf(cap, now)));
      measured.push({ cap, window, isOpen: known !== undefined });
    }
    return measured;
  }

  private async countedFor(tx: Transaction, spender: Spender): Promise<CountedCap[]> {
    const caps = (await capsInForce(tx)).filter((cap) => appliesTo(cap, spender));
    return this.opened(tx, caps, this.clock.now());
  }

  private async opened(tx: Transaction, caps: readonly SpendCap[], at: Date): Promise<CountedCap[]> {
    const measured = await this.measured(tx, caps, at);
    for (const one of measured) {
      if (one.isOpen) continue;
      await insertWindow(tx, one);
      await holdForReservations(tx, one);
      await alertOf(tx, one, at);
    }
    return measured;
  }

  /** What a window would have counted so far, had it been open from its start. */
  private async measure(tx: Transaction, cap: SpendCap, span: Span): Promise<SpendWindow> {
    const reserved = await sumReservations(tx, cap, span);
    const inferenceNanos = await this.inferenceOf(tx, cap, span);
    return { ...span, heldNanos: reserved.heldNanos, spentNanos: reserved.spentNanos + inferenceNanos };
  }

  /** As far as inference is counted in windows that are open. */
  private async inferenceOf(tx: Transaction, cap: SpendCap, span: Span): Promise<bigint> {
    const { organizationId } = cap;
    const finalUntil = await inferenceCountedUntil(tx, organizationId);
    if (!finalUntil) return 0n;
    const spent = await this.inference.read(tx, { ...span, organizationId, finalAfter: null, finalUntil });
    return spent.filter((one) => appliesTo(cap, one)).reduce((sum, { nanos }) => sum + nanos, 0n);
  }

  /** To those of the windows that are open: what comes late for one that nothing counted in bounds nothing any more. */
  private async add(
    tx: Transaction,
    windows: ReadonlyArray<{ cap: SpendCap; window: Span }>,
    amounts: { heldNanos?: bigint; spentNanos?: bigint },
  ): Promise<void> {
    const keys = windows.map(({ cap, window }) => ({ capId: cap.id, startsAt: window.startsAt }));
    const after = await addToWindows(tx, keys, amounts);
    const now = this.clock.now();
    for (const { cap, window } of windows) {
      const used = after.get(cap.id);
      if (used) await alertOf(tx, { cap, window: { ...window, ...used } }, now);
    }
  }
}

/** Of the hard caps that have too little left the one that has least. */
function exceededBy(counted: readonly CountedCap[], asked: Asked): CountedCap | null {
  const lacking = counted.filter((one) => {
    if (!one.cap.isHard) return false;
    return asked === null ? leftOf(one) === 0n : leftOf(one) < asked;
  });
  return lacking.reduce<CountedCap | null>((least, one) => (least && leftOf(least) <= leftOf(one) ? least : one), null);
}

/** Usage may become final after the month in which it was admitted, and counts in that month. */
function lateSpan(caps: readonly SpendCap[], now: Date): Span {
  const thisMonth = windowAt('month', now).startsAt;
  const lastMonth = windowAt('month', new Date(thisMonth.getTime() - 1)).startsAt;
  const startsAt = caps.some(({ period }) => period === 'total') ? windowAt('total', now).startsAt : lastMonth;
  return { startsAt, endsAt: null };
}

function refusalOf(counted: CountedCap, asked: Asked): DomainError {
  const { cap, window } = counted;
  const money = (nanos: bigint) => formatMoney({ nanos, currency: cap.currency });
  const isOfLab = cap.side === 'lab';
  const wait = window.endsAt ? `Wait until ${window.endsAt.toISOString()}, ask for less, or` : 'Ask for less, or';
  return SPEND_CAP_ERRORS.SPEND_CAP_EXCEEDED({
    capId: cap.id,
    subject: subjectText(cap),
    limit: limitText(cap),
    clause: isOfLab ? ` (clause "${cap.clause}" of the contract ${cap.contractId})` : '',
    left: money(leftOf(counted)),
    spent: money(window.spentNanos),
    held: money(window.heldNanos),
    asked: asked === null ? 'more than nothing' : money(asked),
    remedy: `${wait} ${isOfLab ? 'agree on a higher cap with the lab' : 'have a billing admin of your organization raise it'}.`,
  });
}
