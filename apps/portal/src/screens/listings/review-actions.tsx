import { useState } from 'react';
import { useAction } from '../../api';
import { useWhyNot } from '../../app';
import { Button, ReasonDialog } from '../../ui';
import { ApproveDialog } from './approve-dialog';
import { type ListingDocument, RejectListing } from './documents';
import { TakeDownDialog } from './take-down-dialog';

/** What the lab may do with a listing, by where it stands. */
export function ReviewActions({ listing }: { listing: ListingDocument }) {
  const whyNot = useWhyNot()('LISTINGS_REVIEW');
  const [asked, setAsked] = useState<'approve' | 'reject' | 'take down' | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      {listing.state === 'IN_REVIEW' && (
        <>
          <Button whyNot={whyNot} onClick={() => setAsked('reject')}>
            Give back
          </Button>
          <Button kind="primary" whyNot={whyNot} onClick={() => setAsked('approve')}>
            Approve
          </Button>
        </>
      )}
      {listing.state === 'LISTED' && (
        <Button kind="danger" whyNot={whyNot} onClick={() => setAsked('take down')}>
          Take down
        </Button>
      )}
      {asked === 'approve' && <ApproveDialog listing={listing} onClose={close} />}
      {asked === 'reject' && <RejectDialog listing={listing} onClose={close} />}
      {asked === 'take down' && <TakeDownDialog listing={listing} onClose={close} />}
    </>
  );
}

function RejectDialog({ listing: { id, title }, onClose }: { listing: ListingDocument; onClose: () => void }) {
  const action = useAction(RejectListing, (data) => data.rejectListing);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ listingId: id, reason })}
      title={`Give ${title} back?`}
      description="Its publisher reads the reason, may change it and submit it again."
      confirm="Give back"
      done={`${title} is given back`}
    />
  );
}
