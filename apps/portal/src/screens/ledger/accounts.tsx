import { useMemo } from 'react';
import { paths } from '../../app';
import { words } from '../../format';
import { BilledAmount, Section, TextLink } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Account, Balance } from './documents';
import type { LedgerSearch } from './route';

/** An account in one currency. */
export type AccountRow = Omit<Account, 'balances'> & Balance;

interface AccountsProps {
  rows: AccountRow[];
  chosen: AccountRow;
  search: LedgerSearch;
}

export function Accounts({ rows, chosen, search }: AccountsProps) {
  const columns = useMemo(() => columnsOf(search), [search]);
  return (
    <Section
      title="Accounts"
      description="All that is on record. A balance is above zero on the side on which its account grows."
    >
      <Table
        compact
        caption="Accounts and their balances"
        columns={columns}
        rows={rows}
        rowId={({ name, balance }) => `${name} ${balance.currency}`}
        isSelected={(row) => row === chosen}
      />
    </Section>
  );
}

function columnsOf(search: LedgerSearch): ReadonlyArray<Column<AccountRow>> {
  return [
    {
      id: 'account',
      header: 'Account',
      wide: true,
      cell: ({ name, about, balance: { currency } }) => (
        <>
          <TextLink to={paths.ledger()} search={{ ...search, account: name, currency } as never} resetScroll={false}>
            {words(name)}
          </TextLink>
          <span className="block text-sm text-ink-faint">{about}</span>
        </>
      ),
    },
    { id: 'type', header: 'Type', sortBy: ({ type }) => type, cell: ({ type }) => words(type) },
    { id: 'debits', header: 'Debits', numeric: true, cell: ({ debits }) => <BilledAmount amount={debits} /> },
    { id: 'credits', header: 'Credits', numeric: true, cell: ({ credits }) => <BilledAmount amount={credits} /> },
    { id: 'balance', header: 'Balance', numeric: true, cell: ({ balance }) => <BilledAmount amount={balance} /> },
  ];
}
