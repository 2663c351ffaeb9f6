import type { RateCard } from './rate.js';

/** A rate card as it is kept: drafted, then published, then never changed. */
export interface RateCardRecord extends Omit<RateCard, 'effectiveFrom'> {
  name: string;
  status: 'draft' | 'published';
  /** Null while it is a draft. */
  effectiveFrom: Date | null;
  publishedAt: Date | null;
  createdAt: Date;
}
