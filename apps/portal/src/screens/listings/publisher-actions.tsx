import { useState } from 'react';
import { useAction } from '../../api';
import { useWhyNot } from '../../app';
import { Button, Confirm, toast } from '../../ui';
import { type ListingDocument, SubmitListing, WithdrawListing } from './documents';
import { ChangeOfferDialog } from './offer-dialog';
import type { ListingState } from './states';

const EDITABLE: ReadonlySet<ListingState> = new Set(['DRAFT', 'REJECTED']);
const ENDED: ReadonlySet<ListingState> = new Set(['WITHDRAWN', 'TAKEN_DOWN']);

/** What its publisher may do with a listing, by where it stands. */
export function PublisherActions({ listing }: { listing: ListingDocument }) {
  const whyNot = useWhyNot()('LISTINGS_WRITE');
  const [asked, setAsked] = useState<'change' | 'submit' | 'withdraw' | null>(null);
  const close = () => setAsked(null);
  if (ENDED.has(listing.state)) return null;
  return (
    <>
      {EDITABLE.has(listing.state) && (
        <Button whyNot={whyNot} onClick={() => setAsked('change')}>
          Change
        </Button>
      )}
      {listing.state === 'DRAFT' && (
        <Button kind="primary" whyNot={whyNot} onClick={() => setAsked('submit')}>
          Submit for review
        </Button>
      )}
      <Button kind="danger" whyNot={whyNot} onClick={() => setAsked('withdraw')}>
        Withdraw
      </Button>
      {asked === 'change' && <ChangeOfferDialog listing={listing} onClose={close} />}
      {asked === 'submit' && <SubmitQuestion listing={listing} onClose={close} />}
      {asked === 'withdraw' && <WithdrawQuestion listing={listing} onClose={close} />}
    </>
  );
}

interface QuestionProps {
  listing: ListingDocument;
  onClose: () => void;
}

function SubmitQuestion({ listing: { id, title }, onClose }: QuestionProps) {
  const { run } = useAction(SubmitListing, (data) => data.submitListing);
  const submit = async () => {
    const result = await run({ listingId: id });
    if (!result.ok) return result.failures;
    toast(`${title} is submitted`, 'The lab reads it, then lists it or gives it back.');
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Submit ${title}?`}
      confirm="Submit"
      kind="primary"
      onConfirm={submit}
    >
      <p>The lab sees its variant’s card, figures and files from then on. It does not change while it is in review.</p>
    </Confirm>
  );
}

function WithdrawQuestion({ listing: { id, title }, onClose }: QuestionProps) {
  const { run } = useAction(WithdrawListing, (data) => data.withdrawListing);
  const withdraw = async () => {
    const result = await run({ listingId: id });
    if (!result.ok) return result.failures;
    toast(`${title} is withdrawn`);
    return [];
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Withdraw ${title}?`}
      confirm="Withdraw"
      onConfirm={withdraw}
    >
      <p>It ends for good. Nothing new begins by it from now on: no call, no deployment, no fine-tune of others.</p>
    </Confirm>
  );
}
