import { Status, Time } from '../../ui';
import type { Listing } from './documents';
import { STATE_LABELS } from './states';

/** Where a listing stands, since when, and why where the lab said so. */
export function Standing({ listing }: { listing: Listing }) {
  const [tone, text] = STATE_LABELS[listing.state];
  const since = sinceOf(listing);
  const reason = reasonOf(listing);
  return (
    <div className="min-w-32">
      <Status tone={tone}>{text}</Status>
      {since && (
        <span className="block text-sm text-ink-faint">
          <Time at={since} style="minute" />
        </span>
      )}
      {reason && <span className="block max-w-72 text-sm break-words text-ink-soft">“{reason}”</span>}
    </div>
  );
}

function sinceOf({ state, createdAt, submittedAt, listedAt, endedAt, reviews }: Listing): string | null {
  switch (state) {
    case 'DRAFT':
      return createdAt;
    case 'IN_REVIEW':
      return submittedAt;
    case 'LISTED':
      return listedAt;
    case 'REJECTED':
      return reviews.at(-1)?.reviewedAt ?? null;
    case 'WITHDRAWN':
    case 'TAKEN_DOWN':
      return endedAt;
  }
}

/** What was said of a rejected one or of one that was taken down. */
function reasonOf({ state, endReason, reviews }: Listing): string | null {
  if (state === 'TAKEN_DOWN') return endReason;
  return state === 'REJECTED' ? (reviews.at(-1)?.reason ?? null) : null;
}
