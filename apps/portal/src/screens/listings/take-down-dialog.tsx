import { useAction, useRequest } from '../../api';
import { AffectedTable } from '../../partners/affected-table';
import { Loaded, Notice, ReasonDialog } from '../../ui';
import { type ListingDocument, ListingImpactOf, TakeDownListing } from './documents';

/** Shows who is affected first. */
export function TakeDownDialog({ listing: { id, title }, onClose }: { listing: ListingDocument; onClose: () => void }) {
  const impact = useRequest(ListingImpactOf, { listingId: id }, { requestPolicy: 'network-only' });
  const action = useAction(TakeDownListing, (data) => data.takeDownListing);
  return (
    <ReasonDialog
      {...{ action, onClose }}
      inputOf={(reason) => ({ listingId: id, reason })}
      title={`Take ${title} down?`}
      description="Nothing new begins by it from now on: no call, no deployment, no fine-tune. The reason is told to its publisher and to whom it was offered."
      confirm="Take down"
      whyNot={impact.status === 'ready' ? null : 'Who is affected is not known yet.'}
      done={`${title} is taken down`}
    >
      <Loaded request={impact}>
        {({ listingImpact }) =>
          listingImpact.length === 0 ? (
            <Notice title="Nobody else uses it">No deployment, no fine-tune and no call of another partner.</Notice>
          ) : (
            <AffectedTable affected={listingImpact} />
          )
        }
      </Loaded>
    </ReasonDialog>
  );
}
