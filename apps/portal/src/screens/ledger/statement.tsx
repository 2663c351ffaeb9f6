import { HandCoins } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { DAY_MILLISECONDS, useNow, words } from '../../format';
import {
  BilledAmount,
  Button,
  EmptyState,
  Facts,
  Field,
  LinkButton,
  Loaded,
  LoadingState,
  Pagination,
  Section,
  Select,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { AccountRow } from './accounts';
import { LedgerStatementPart, type Statement, type StatementLine } from './documents';
import { type LedgerSearch, SPANS_DAYS } from './route';
import { InvoiceLink, TransactionDialog } from './transaction-dialog';

const SPAN_LABELS: Record<(typeof SPANS_DAYS)[number], string> = {
  31: 'Last 31 days',
  92: 'Last 3 months',
  366: 'Last year',
  3660: 'Last 10 years',
};
const USUAL_DAYS = 366;
const MINUTE_MILLISECONDS = 60_000;

interface StatementPartProps {
  row: AccountRow;
  search: LedgerSearch;
  onDays: (days: string) => void;
}

/** What moved one account in a time, and its balance at both ends. */
export function StatementPart({ row, search, onDays }: StatementPartProps) {
  const { days = USUAL_DAYS, organization: organizationId } = search;
  const { from, to } = spanOf(days, useNow(MINUTE_MILLISECONDS));
  const asked = { organizationId, account: row.name, currency: row.balance.currency, from, to };
  const { page, next, previous } = usePage(25, JSON.stringify(asked));
  const request = useRequest(LedgerStatementPart, { ...page, ...asked });
  return (
    <Section
      title={`Statement: ${words(row.name).toLowerCase()}, ${row.balance.currency}`}
      actions={row.name === 'PUBLISHER_PAYABLE' && <PayoutsLink organization={organizationId} />}
    >
      <Field label="Time" className="w-44">
        <Select value={days} onChange={({ target }) => onDays(target.value)}>
          {SPANS_DAYS.map((span) => (
            <option key={span} value={span}>
              {SPAN_LABELS[span]}
            </option>
          ))}
        </Select>
      </Field>
      <Loaded request={request} skeleton={<LoadingState lines={6} label="Loading the statement" />}>
        {({ ledgerStatement }) => (
          <>
            <Ends statement={ledgerStatement} />
            <Lines statement={ledgerStatement} />
            <Pagination
              of="the statement"
              info={ledgerStatement.pageInfo}
              busy={request.refreshing}
              onNext={next}
              onPrevious={previous}
            />
          </>
        )}
      </Loaded>
    </Section>
  );
}

/** To what was paid of it. */
function PayoutsLink({ organization }: Pick<LedgerSearch, 'organization'>) {
  if (!useSession().may('INVOICES_READ')) return null;
  return (
    <LinkButton small icon={HandCoins} to={paths.payouts()} search={{ organization } as never}>
      Payouts
    </LinkButton>
  );
}

/** Whole days in UTC, this one included: the same until midnight. */
function spanOf(days: number, nowMilliseconds: number) {
  const to = Math.ceil(nowMilliseconds / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  return { from: new Date(to - days * DAY_MILLISECONDS).toISOString(), to: new Date(to).toISOString() };
}

function Ends({ statement: { opening, closing } }: { statement: Statement }) {
  return (
    <Facts
      columns
      facts={[
        { label: 'Balance before', value: <BilledAmount amount={opening} /> },
        { label: 'Balance after', value: <BilledAmount amount={closing} /> },
      ]}
    />
  );
}

function Lines({ statement: { nodes } }: { statement: Statement }) {
  const [shown, setShown] = useState<StatementLine | null>(null);
  const columns = useMemo(() => columnsOf(setShown), []);
  const rows = useMemo(() => [...nodes], [nodes]);
  if (rows.length === 0) return <EmptyState title="Nothing moved it in this time" />;
  return (
    <>
      <Table compact caption="Lines of the statement" columns={columns} rows={rows} rowId={lineId} />
      {shown?.transaction && (
        <TransactionDialog line={shown} transaction={shown.transaction} onClose={() => setShown(null)} />
      )}
    </>
  );
}

const lineId = ({ transaction, effectiveAt, kind }: StatementLine) => transaction?.id ?? `${effectiveAt} ${kind}`;

function columnsOf(show: (line: StatementLine) => void): ReadonlyArray<Column<StatementLine>> {
  return [
    { id: 'at', header: 'Counts from', cell: ({ effectiveAt }) => <Time at={effectiveAt} style="minute" /> },
    {
      id: 'what',
      header: 'What',
      wide: true,
      cell: ({ kind, description, transaction }) => (
        <>
          {words(kind)}
          <span className="block text-sm text-ink-faint">{description}</span>
          {transaction && <InvoiceLink transaction={transaction} />}
        </>
      ),
    },
    { id: 'amount', header: 'Amount', numeric: true, cell: ({ amount }) => <BilledAmount amount={amount} /> },
    { id: 'balance', header: 'Balance', numeric: true, cell: ({ balance }) => <BilledAmount amount={balance} /> },
    {
      id: 'entries',
      header: 'Transaction',
      cell: (line) =>
        line.transaction && (
          <Button small onClick={() => show(line)}>
            Entries<span className="sr-only"> of transaction {line.transaction.sequence}</span>
          </Button>
        ),
    },
  ];
}
