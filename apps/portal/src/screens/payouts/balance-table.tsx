import { useMemo } from 'react';
import { paths, useSession, useWhyNot } from '../../app';
import { BilledAmount, Button, Section, TextLink } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Balance } from './documents';
import { publisherName } from './publisher-name';
import type { PayoutsSearch } from './route';

interface BalanceTableProps {
  balances: readonly Balance[];
  search: PayoutsSearch;
  onPay: (balance: Balance) => void;
}

/** What was earned, paid out and is left, in each currency. */
export function BalanceTable({ balances, search, onPay }: BalanceTableProps) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('INVOICES_WRITE');
  const isLab = organization.kind === 'LAB';
  const rows = useMemo(() => [...balances], [balances]);
  const columns = useMemo(
    () => (isLab ? [PUBLISHER, ...AMOUNTS, actionOf(onPay, whyNot)] : [CURRENCY, ...AMOUNTS]),
    [isLab, onPay, whyNot],
  );
  return (
    <Section
      title={isLab ? 'Publishers' : 'Earned by your listings'}
      description="As credit notes leave it: what one takes back after a payout comes off what is earned next."
    >
      <Table
        caption={isLab ? 'What publishers earned and were paid' : 'What your listings earned and you were paid'}
        columns={columns}
        rows={rows}
        rowId={({ organizationId, payable }) => `${organizationId} ${payable.currency}`}
        isSelected={({ organizationId }) => organizationId === search.organization}
      />
    </Section>
  );
}

const PUBLISHER: Column<Balance> = {
  id: 'publisher',
  header: 'Publisher',
  wide: true,
  sortBy: publisherName,
  cell: (balance) => (
    <TextLink
      to={paths.payouts()}
      search={{ organization: balance.organizationId } as never}
      resetScroll={false}
      className="break-words"
    >
      {publisherName(balance)}
    </TextLink>
  ),
};

const CURRENCY: Column<Balance> = {
  id: 'currency',
  header: 'Currency',
  wide: true,
  cell: ({ payable }) => payable.currency,
};

const AMOUNTS: ReadonlyArray<Column<Balance>> = [
  { id: 'earned', header: 'Earned', numeric: true, cell: ({ earned }) => <BilledAmount amount={earned} /> },
  { id: 'paid', header: 'Paid out', numeric: true, cell: ({ paidOut }) => <BilledAmount amount={paidOut} /> },
  {
    id: 'payable',
    header: 'Still to be paid',
    numeric: true,
    cell: ({ payable }) => (
      <span className="font-medium">
        <BilledAmount amount={payable} />
      </span>
    ),
  },
];

function actionOf(onPay: (balance: Balance) => void, whyNot: string | null): Column<Balance> {
  return {
    id: 'actions',
    header: 'Actions',
    cell: (balance) => (
      <Button small whyNot={whyNot ?? whyNothing(balance)} onClick={() => onPay(balance)}>
        Enter a payout
        <span className="sr-only">
          {' '}
          to {publisherName(balance)} in {balance.payable.currency}
        </span>
      </Button>
    ),
  };
}

const whyNothing = ({ payable }: Balance) => (BigInt(payable.minor) > 0n ? null : 'Nothing is left to be paid.');
