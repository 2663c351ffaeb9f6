import { type Currency, formatMoney, isId, monthAfter, monthOf } from '#libs/kernel';
import type { ContractSide } from '../contract/contract.js';

export const SPEND_CAP_PERIODS = ['month', 'total'] as const;
/** A calendar month in UTC, or all time. */
export type SpendCapPeriod = (typeof SPEND_CAP_PERIODS)[number];

/** Whose spending a cap bounds: the organization's where neither is given. */
export interface SpendCapSubject {
  projectId: string | null;
  apiKeyId: string | null;
}

/** What is given when a cap is set. */
export interface SpendCapTerms extends SpendCapSubject {
  /** The partner. */
  organizationId: string;
  /** In billionths of the currency's unit. What is spent in other currencies does not count. */
  limitNanos: bigint;
  currency: Currency;
  period: SpendCapPeriod;
  /** Refuses what would go beyond it; a soft one only alerts. */
  isHard: boolean;
  /** Of the limit, rising; reaching one is told once in a window. */
  alertPercents: readonly number[];
}

/** It never changes: to set it again is to replace it, and what was stays on record. */
export interface SpendCap extends SpendCapTerms {
  id: string;
  side: ContractSide;
  /** Of the lab's: what it stands on. Null for the partner's own. */
  contractId: string | null;
  clause: string | null;
  /** The one that it took the place of. */
  replacesId: string | null;
  createdBy: string;
  createdAt: Date;
  /** When it was replaced or removed, and by whom. */
  endedBy: string | null;
  endedAt: Date | null;
}

/** Who is about to spend, or has spent. */
export interface Spender {
  projectId: string;
  /** The key that was called with; null for people and service accounts. */
  apiKeyId: string | null;
  currency: Currency;
}

/** On whose account work is that somebody asked for: a service account's is nobody's key. */
export function spenderOf(work: { projectId: string; currency: Currency; createdBy: string }): Spender {
  const { projectId, currency, createdBy } = work;
  return { projectId, currency, apiKeyId: isId('key', createdBy) ? createdBy : null };
}

/** Half open; null: without an end. */
export interface Span {
  startsAt: Date;
  endsAt: Date | null;
}

/** The amounts of a cap in one of its windows. */
export interface SpendWindow extends Span {
  /** Reserved by what is under way. */
  heldNanos: bigint;
  spentNanos: bigint;
}

/** A cap with the window that counts. */
export interface CountedCap {
  cap: SpendCap;
  window: SpendWindow;
}

const EPOCH = new Date(0);

export function windowAt(period: SpendCapPeriod, at: Date): Span {
  if (period === 'total') return { startsAt: EPOCH, endsAt: null };
  return { startsAt: new Date(monthOf(at)), endsAt: new Date(monthAfter(at)) };
}

/** The window that a cap has now, or had last. */
export function windowOf({ period, endedAt }: SpendCap, now: Date): Span {
  return windowAt(period, endedAt ?? now);
}

export function appliesTo(cap: SpendCap, spender: Spender): boolean {
  if (cap.currency !== spender.currency) return false;
  if (cap.apiKeyId !== null) return cap.apiKeyId === spender.apiKeyId;
  return cap.projectId === null || cap.projectId === spender.projectId;
}

/** Never below zero: what a cap was set too late for, or only counts, may lie beyond it. */
export function leftOf({ cap, window }: CountedCap): bigint {
  const left = cap.limitNanos - window.heldNanos - window.spentNanos;
  return left > 0n ? left : 0n;
}

/** The thresholds that what is held and spent has reached. */
export function reachedPercents({ cap, window }: CountedCap): number[] {
  const used = window.heldNanos + window.spentNanos;
  return cap.alertPercents.filter((percent) => used > 0n && used * 100n >= cap.limitNanos * BigInt(percent));
}

/** "10 USD a month", for people. */
export function limitText({ limitNanos: nanos, currency, period }: SpendCapTerms): string {
  return `${formatMoney({ nanos, currency })} ${period === 'month' ? 'a month' : 'in total'}`;
}

/** What it is on, for people of the organization. */
export function subjectText({ projectId, apiKeyId }: SpendCapTerms): string {
  return projectId ?? apiKeyId ?? 'your organization';
}

export function subjectIdOf({ organizationId, projectId, apiKeyId }: SpendCapTerms): string {
  return projectId ?? apiKeyId ?? organizationId;
}
