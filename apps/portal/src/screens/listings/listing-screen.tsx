import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { UnmetLicense } from '../../licensing';
import { Card, EmptyState, LinkButton, Loaded, NoPermission, PageHeader } from '../../ui';
import { type ListingDocument, ListingPage } from './documents';
import { ListingFacts } from './listing-facts';
import { PublisherActions } from './publisher-actions';
import { ReviewActions } from './review-actions';
import { ReviewTable } from './review-table';
import { listingRoute } from './route';
import { Standing } from './standing';
import { UseActions } from './use-actions';

const CRUMBS = [{ label: 'Listings', to: paths.listings() }];

/** One listing: what is offered, on which terms, and what the reader may do about it. */
export function ListingScreen() {
  const { id } = listingRoute.useParams();
  const { may } = useSession();
  if (!may('CATALOG_READ')) {
    return (
      <>
        <PageHeader title="Listing" crumbs={CRUMBS} />
        <NoPermission>Listings are for roles with the permission catalog:read. Ask an administrator.</NoPermission>
      </>
    );
  }
  return <KnownListing key={id} id={id} />;
}

function KnownListing({ id }: { id: string }) {
  const request = useRequest(ListingPage, { id }, { alsoChangesWith: ['Listing'] });
  const node = request.status === 'ready' ? request.data.node : null;
  const listing = node && 'terms' in node ? node : null;
  return (
    <>
      <PageHeader
        title={listing?.title ?? 'Listing'}
        crumbs={CRUMBS}
        actions={listing && <Actions listing={listing} />}
      >
        {listing?.summary}
      </PageHeader>
      <Loaded request={request}>{() => (listing ? <Found listing={listing} /> : <Gone />)}</Loaded>
    </>
  );
}

/** By whose it is to the reader: the publisher's own, the lab's to decide, or one to use. */
function Actions({ listing }: { listing: ListingDocument }) {
  const { organization } = useSession();
  if (listing.organizationId === organization.id) return <PublisherActions listing={listing} />;
  return organization.kind === 'LAB' ? <ReviewActions listing={listing} /> : <UseActions listing={listing} />;
}

function Gone() {
  return (
    <EmptyState title="There is no such listing" actions={<LinkButton to={paths.listings()}>All listings</LinkButton>}>
      Those that are offered to you are listed, and those of your own.
    </EmptyState>
  );
}

function Found({ listing }: { listing: ListingDocument }) {
  const { use, reviews, terms, termsSha256, termsVersion } = listing;
  return (
    <div className="flex flex-col gap-5">
      {use && 'unmetConditions' in use && <UnmetLicense unmet={use.unmetConditions} license={use.licenseInForce} />}
      <Card title="At a glance">
        <Standing listing={listing} />
        <ListingFacts listing={listing} />
      </Card>
      {reviews.length > 0 && <ReviewTable reviews={reviews} />}
      <Card title={`Terms, version ${termsVersion}`}>
        <p className="max-w-prose break-words whitespace-pre-wrap">{terms}</p>
        <p className="border-t border-line pt-3 text-sm break-all text-ink-faint">
          SHA-256 of the terms: <span className="font-mono">{termsSha256}</span>
        </p>
      </Card>
    </div>
  );
}
