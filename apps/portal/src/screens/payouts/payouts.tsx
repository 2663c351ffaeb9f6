import { useCallback, useMemo } from 'react';
import { useNames, usePolling, useRequest } from '../../api';
import { paths, useSession } from '../../app';
import {
  BilledAmount,
  EmptyState,
  LinkButton,
  Loaded,
  LoadingState,
  MadeBy,
  Pagination,
  Section,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Balance, type Payout, PayoutsPage } from './documents';
import { publisherName } from './publisher-name';
import type { PayoutsSearch } from './route';

interface PayoutsProps {
  balances: readonly Balance[];
  /** Of the balances: they follow when the books have taken over a payout. */
  refreshBalances: () => void;
  search: PayoutsSearch;
}

/** What was paid out, the latest first; for the lab of all publishers, or of the one that is chosen. */
export function Payouts({ balances, refreshBalances, search }: PayoutsProps) {
  const isLab = useSession().organization.kind === 'LAB';
  const organizationId = isLab ? search.organization : undefined;
  const { page, next, previous } = usePage(20, organizationId);
  const request = useRequest(
    PayoutsPage,
    { ...page, organizationId },
    { alsoChangesWith: ['PublisherPayout', 'PublisherPayoutPayload'] },
  );
  const { refresh } = request;
  const refreshAll = useCallback(() => {
    refresh();
    refreshBalances();
  }, [refresh, refreshBalances]);
  const shown = request.status === 'ready' ? request.data.publisherPayouts.nodes : [];
  usePolling(
    refreshAll,
    shown.some(({ postedAt }) => postedAt === null),
  );
  const chosen = balances.find((one) => one.organizationId === organizationId);
  return (
    <Section
      title={chosen ? `Payouts to ${publisherName(chosen)}` : 'Payouts'}
      description="The latest first. None is changed or deleted."
      actions={
        organizationId && (
          <LinkButton to={paths.payouts()} resetScroll={false}>
            All publishers
          </LinkButton>
        )
      }
    >
      <Loaded request={request} skeleton={<LoadingState lines={3} label="Loading payouts" />}>
        {({ publisherPayouts: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState title="Nothing was paid out yet" />
          ) : (
            <>
              <PayoutTable payouts={nodes} isLab={isLab} />
              <Pagination of="payouts" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function PayoutTable({ payouts, isLab }: { payouts: readonly Payout[]; isLab: boolean }) {
  const names = useNames(payouts.map(({ recordedBy }) => recordedBy));
  const rows = useMemo(() => [...payouts], [payouts]);
  const columns: ReadonlyArray<Column<Payout>> = [
    ...(isLab ? [TO] : []),
    AMOUNT,
    REFERENCE,
    { id: 'sent', header: 'Sent', cell: ({ paidAt }) => <Time at={paidAt} style="minute" /> },
    {
      id: 'entered',
      header: 'Entered',
      cell: ({ recordedAt, recordedBy, postedAt }) => (
        <>
          <Time at={recordedAt} style="minute" />
          <span className="block text-sm text-ink-faint">
            by {recordedBy ? <MadeBy id={recordedBy} names={names} /> : 'the lab'}
            {!postedAt && ', in the books in a moment'}
          </span>
        </>
      ),
    },
  ];
  return <Table caption="What was paid out" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

const TO: Column<Payout> = {
  id: 'to',
  header: 'To',
  cell: (payout) => <div className="min-w-28 break-words">{publisherName(payout)}</div>,
};
const AMOUNT: Column<Payout> = {
  id: 'amount',
  header: 'Amount',
  numeric: true,
  cell: ({ amount }) => <BilledAmount amount={amount} />,
};
const REFERENCE: Column<Payout> = {
  id: 'reference',
  header: 'Reference',
  wide: true,
  cell: ({ reference }) => <div className="min-w-32 break-words">{reference}</div>,
};
