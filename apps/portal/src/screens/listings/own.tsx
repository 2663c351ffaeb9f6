import { Plus, Tags } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import { BilledAmount, Button, EmptyState, Loaded, Pagination, Section, TextLink, usePage } from '../../ui';
import { OwnListings, OwnPublisherBalances } from './documents';
import { ListingTable } from './listing-table';
import { NewOfferDialog } from './offer-dialog';

/** What the reader's organization offers, offered or is about to offer. */
export function Own() {
  const { may } = useSession();
  const whyNot = useWhyNot()('LISTINGS_WRITE');
  const { page, next, previous } = usePage(20);
  const [isOffering, setOffering] = useState(false);
  const request = useRequest(OwnListings, page, { alsoChangesWith: ['Listing'] });
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setOffering(true)}>
      Offer a variant
    </Button>
  );
  return (
    <Section title="Offered by you" description="Where the licence of its base allows that, and once the lab approved.">
      {may('INVOICES_READ') && <Earned />}
      <Loaded request={request}>
        {({ ownListings: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Tags} title="You offer nothing yet" actions={button}>
              A listing offers one of your variants to other partners, and brings you a share of what its use comes to.
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <div>{button}</div>
              <ListingTable
                caption="Listings of yours"
                columns={['listing', 'variant', 'state', 'audience', 'prices', 'share']}
                listings={nodes}
              />
              <Pagination of="listings" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
      {isOffering && <NewOfferDialog onClose={() => setOffering(false)} />}
    </Section>
  );
}

/** Of all its listings together, in each currency; nothing before the first use was invoiced. */
function Earned() {
  const request = useRequest(OwnPublisherBalances, {});
  return (
    <Loaded request={request} skeleton={<div className="skeleton h-4 w-2/5" />}>
      {({ publisherBalances }) =>
        publisherBalances.length === 0 ? null : (
          <p>
            Your share so far, not paid out yet:{' '}
            {publisherBalances.map(({ payable }) => (
              <span key={payable.currency} className="mr-3 font-medium">
                <BilledAmount amount={payable} />
              </span>
            ))}
            <TextLink to={paths.payouts()} className="underline">
              See your payouts
            </TextLink>
          </p>
        )
      }
    </Loaded>
  );
}
