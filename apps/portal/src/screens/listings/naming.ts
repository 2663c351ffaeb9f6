import type { Listing } from './documents';

type Named = Pick<Listing, 'checkpoint' | 'organization'>;

/** The name of the variant; null where the reader may not see it, or not any more. */
export function variantName({ checkpoint }: Pick<Named, 'checkpoint'>): string | null {
  return checkpoint && 'name' in checkpoint ? checkpoint.name : null;
}

/** Who offers it: partners don't see each other, and know a publisher by what the name of its variant says, ft:base:publisher:suffix:short. */
export function publisherName({ organization, checkpoint }: Named): string | null {
  return organization?.name ?? variantName({ checkpoint })?.split(':')[2] ?? null;
}

/** What the publisher gets of what its use comes to, as a fraction; null while nobody approved it, and for whom that does not concern. */
export function shareOf({ reviews }: Pick<Listing, 'reviews'>): number | null {
  const basisPoints = reviews.find(({ verdict }) => verdict === 'APPROVED')?.publisherShareBasisPoints;
  return basisPoints == null ? null : basisPoints / 10_000;
}
