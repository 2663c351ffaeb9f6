import { useNavigate } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { useRequest } from '../../api';
import { paths } from '../../app';
import { EmptyState, Field, Loaded, Pagination, Select, usePage } from '../../ui';
import { PartnerListings } from './documents';
import { ListingTable } from './listing-table';
import { listingsRoute } from './route';
import { LISTING_STATES, type ReviewFilter, STATE_LABELS } from './states';

/** For the lab: those that wait for it, or all others. */
export function Reviews() {
  const navigate = useNavigate();
  const { state: filter = 'IN_REVIEW' } = listingsRoute.useSearch();
  const { page, next, previous } = usePage(20, filter);
  const request = useRequest(
    PartnerListings,
    { ...page, state: filter === 'ALL' ? null : filter },
    { alsoChangesWith: ['Listing'] },
  );
  const choose = (state: string) =>
    void navigate({ to: paths.listings(), search: { state } as never, replace: true, resetScroll: false });
  return (
    <div className="flex flex-col gap-3">
      <Field label="State" className="w-56">
        <Select value={filter} onChange={({ target }) => choose(target.value)}>
          <option value="ALL">All</option>
          {LISTING_STATES.map((state) => (
            <option key={state} value={state}>
              {STATE_LABELS[state][1]}
            </option>
          ))}
        </Select>
      </Field>
      <Loaded request={request}>
        {({ partnerListings: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <Nothing filter={filter} />
          ) : (
            <>
              <ListingTable
                caption="Listings of partners"
                columns={['listing', 'publisher', 'variant', 'state', 'audience', 'prices']}
                listings={nodes}
              />
              <Pagination of="listings" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function Nothing({ filter }: { filter: ReviewFilter }) {
  if (filter === 'IN_REVIEW')
    return (
      <EmptyState icon={ListChecks} title="Nothing waits for a review">
        What partners submit stands here until you list it or give it back.
      </EmptyState>
    );
  return <EmptyState title={filter === 'ALL' ? 'No listings yet' : `None of this state`} />;
}
