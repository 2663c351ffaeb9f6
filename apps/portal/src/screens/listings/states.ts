import type { Tone } from '../../ui';

export const LISTING_STATES = ['DRAFT', 'IN_REVIEW', 'LISTED', 'REJECTED', 'WITHDRAWN', 'TAKEN_DOWN'] as const;
export type ListingState = (typeof LISTING_STATES)[number];

/** What the lab may look at: one state, or all of them. */
export type ReviewFilter = ListingState | 'ALL';

export function isReviewFilter(value: unknown): value is ReviewFilter {
  return value === 'ALL' || LISTING_STATES.some((state) => state === value);
}

export const STATE_LABELS: Record<ListingState, [tone: Tone, text: string]> = {
  DRAFT: ['neutral', 'Draft'],
  IN_REVIEW: ['accent', 'In review'],
  LISTED: ['ok', 'Listed'],
  REJECTED: ['warn', 'Given back'],
  WITHDRAWN: ['neutral', 'Withdrawn'],
  TAKEN_DOWN: ['bad', 'Taken down'],
};
