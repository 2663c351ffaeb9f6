import { Store } from 'lucide-react';
import { useRequest } from '../../api';
import { useSession } from '../../app';
import { CopyButton, EmptyState, Loaded, Pagination, Section, usePage } from '../../ui';
import { OfferedListings } from './documents';
import { ListingTable } from './listing-table';

/** What other partners offer to the reader's organization now. */
export function Offered() {
  const { page, next, previous } = usePage(20);
  const request = useRequest(OfferedListings, page, { alsoChangesWith: ['Listing'] });
  return (
    <Section title="Offered to you" description="Call it, deploy it, and where it says so fine-tune from it.">
      <Loaded request={request}>
        {({ listings: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={Store} title="Nothing is offered to you yet">
              <OwnId />
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <ListingTable
                caption="Listings for you"
                columns={['listing', 'publisher', 'variant', 'prices', 'uses']}
                listings={nodes}
              />
              <Pagination of="listings" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
    </Section>
  );
}

/** By which a publisher names whom a listing is for: partners don't see each other. */
function OwnId() {
  const { id } = useSession().organization;
  return (
    <p>
      Who offers something to named partners needs their ids. Yours is{' '}
      <span className="font-mono text-sm break-all">{id}</span>
      <CopyButton text={id} what="your organization’s id" />
    </p>
  );
}
