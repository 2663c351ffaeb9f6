import { Landmark, Undo2, WalletCards } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { usePolling, useRequest } from '../../api';
import { useSession, useWhyNot } from '../../app';
import { formatMinor, formatOrdinal, type MinorAmount, plural } from '../../format';
import { BilledAmount, Button, Loaded, LoadingState, Section, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { ApplicationDialog } from './application-dialog';
import { CreditNoteDialog } from './credit-note-dialog';
import { isCreditable, isDue } from './creditable';
import {
  type BankTransfer,
  type CreditNote,
  type Invoice,
  InvoiceSettlements,
  type PaymentApplication,
  type Settled,
} from './documents';
import { RefundDialog } from './refund-dialog';
import { Refunds } from './refunds';
import { TransferDialog } from './transfer-dialog';

/** What lessened what is open on a final invoice: credit notes, money that came by bank transfer, and what was paid too much elsewhere. */
export function Settlements({ invoice, refreshInvoice }: { invoice: Invoice; refreshInvoice: () => void }) {
  const request = useRequest(
    InvoiceSettlements,
    { id: invoice.id },
    { alsoChangesWith: ['CreditNote', 'CreditNotePayload', 'InvoicePayload'] },
  );
  const { refresh } = request;
  const refreshAll = useCallback(() => {
    refresh();
    refreshInvoice();
  }, [refresh, refreshInvoice]);
  const node = request.status === 'ready' ? request.data.node : null;
  usePolling(refreshAll, node !== null && 'bankTransfers' in node && isBeingBooked(node));
  return (
    <Loaded request={request} skeleton={<LoadingState lines={3} label="Loading credit notes and payments" />}>
      {({ node }) =>
        node && 'bankTransfers' in node ? (
          <>
            <CreditNotes invoice={invoice} notes={node.creditNotes.nodes} />
            <Transfers invoice={invoice} transfers={node.bankTransfers} />
            <Applications invoice={invoice} applications={node.paymentApplications} unapplied={node.unapplied} />
          </>
        ) : null
      }
    </Loaded>
  );
}

/** Whether the books are still to take over something that was entered. */
function isBeingBooked({ bankTransfers, paymentApplications, creditNotes }: Settled): boolean {
  const entered = [...bankTransfers, ...paymentApplications];
  return entered.some(({ postedAt }) => postedAt === null) || creditNotes.nodes.some(({ unrefunded }) => !unrefunded);
}

function CreditNotes({ invoice, notes }: { invoice: Invoice; notes: readonly CreditNote[] }) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('CREDITS_WRITE');
  const [isIssuing, setIssuing] = useState(false);
  const [refunding, setRefunding] = useState<CreditNote | null>(null);
  const rows = useMemo(() => [...notes], [notes]);
  const { lines } = invoice;
  const isLab = organization.kind === 'LAB';
  const mayTakeBack = isLab && isDue(invoice) && lines.some(isCreditable);
  if (!mayTakeBack && rows.length === 0) return null;
  const columns: ReadonlyArray<Column<CreditNote>> = [
    { id: 'number', header: 'Credit note', cell: ({ number }) => number },
    { id: 'issued', header: 'Issued', cell: ({ issuedAt }) => <Time at={issuedAt} style="minute" /> },
    {
      id: 'reason',
      header: 'Why',
      wide: true,
      cell: ({ reason, lines: taken }) => (
        <div className="min-w-40">
          <p>{reason}</p>
          <p className="text-sm text-ink-faint">
            Of {plural(taken.length, 'line')}: {taken.map(({ lineId }) => placeOf(lineId, lines)).join(', ')}
          </p>
        </div>
      ),
    },
    { id: 'total', header: 'Taken back', numeric: true, cell: ({ total }) => <BilledAmount amount={total} /> },
    {
      id: 'owed',
      header: 'Owed to the partner',
      numeric: true,
      cell: ({ unrefunded }) => (unrefunded ? <BilledAmount amount={unrefunded} /> : <Soon />),
    },
    {
      id: 'refunds',
      header: 'Refunds',
      cell: (note) => (
        <div className="flex flex-col items-start gap-1">
          <Refunds refunds={note.refunds} />
          {isLab && isOwed(note) && (
            <Button small whyNot={whyNot} onClick={() => setRefunding(note)}>
              Refund
            </Button>
          )}
        </div>
      ),
    },
  ];
  return (
    <Section
      title="Credit notes"
      description="Each takes back a part of the invoice, which stays as it is."
      actions={
        mayTakeBack && (
          <Button icon={Undo2} whyNot={whyNot} onClick={() => setIssuing(true)}>
            Issue a credit note
          </Button>
        )
      }
    >
      {rows.length === 0 ? (
        <p className="text-ink-faint">None was issued.</p>
      ) : (
        <Table compact caption="Credit notes of the invoice" columns={columns} rows={rows} rowId={({ id }) => id} />
      )}
      {refunding && <RefundDialog note={refunding} onClose={() => setRefunding(null)} />}
      {isIssuing && <CreditNoteDialog invoice={invoice} notes={notes} onClose={() => setIssuing(false)} />}
    </Section>
  );
}

const isOwed = ({ unrefunded }: CreditNote) => unrefunded !== null && unrefunded.minor !== '0';

function placeOf(lineId: string, lines: Invoice['lines']): string {
  return `the ${formatOrdinal(lines.findIndex(({ id }) => id === lineId) + 1)}`;
}

function Soon() {
  return <span className="whitespace-nowrap text-ink-faint">in a moment</span>;
}

interface TransfersProps {
  invoice: Invoice;
  transfers: readonly BankTransfer[];
}

function Transfers({ invoice, transfers }: TransfersProps) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('INVOICES_WRITE');
  const [isRecording, setRecording] = useState(false);
  const rows = useMemo(() => [...transfers], [transfers]);
  const isLab = organization.kind === 'LAB';
  if (!isLab && rows.length === 0) return null;
  return (
    <Section
      title="Bank transfers"
      description="As the lab saw them on its account. Payments by card are the payment provider’s, and in the ledger."
      actions={
        isLab && (
          <Button icon={Landmark} whyNot={whyNot} onClick={() => setRecording(true)}>
            Enter a transfer
          </Button>
        )
      }
    >
      {rows.length === 0 ? (
        <p className="text-ink-faint">None was entered.</p>
      ) : (
        <Table
          compact
          caption="Bank transfers of the invoice"
          columns={TRANSFER_COLUMNS}
          rows={rows}
          rowId={({ id }) => id}
        />
      )}
      {isRecording && <TransferDialog invoice={invoice} onClose={() => setRecording(false)} />}
    </Section>
  );
}

const TRANSFER_COLUMNS: ReadonlyArray<Column<BankTransfer>> = [
  {
    id: 'reference',
    header: 'Reference',
    wide: true,
    cell: ({ reference }) => <span className="break-all">{reference}</span>,
  },
  { id: 'received', header: 'Came', cell: ({ receivedAt }) => <Time at={receivedAt} style="minute" /> },
  {
    id: 'posted',
    header: 'In the books',
    cell: ({ postedAt }) => (postedAt ? <Time at={postedAt} style="minute" /> : <Soon />),
  },
  { id: 'amount', header: 'Amount', numeric: true, cell: ({ amount }) => <BilledAmount amount={amount} /> },
];

interface ApplicationsProps {
  invoice: Invoice;
  applications: readonly PaymentApplication[];
  /** Of the partner, in the invoice's currency. */
  unapplied: MinorAmount;
}

function Applications({ invoice, applications, unapplied }: ApplicationsProps) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('INVOICES_WRITE');
  const [isApplying, setApplying] = useState(false);
  const rows = useMemo(() => [...applications], [applications]);
  const isLeft = unapplied.minor !== '0';
  if (!isLeft && rows.length === 0) return null;
  const isPayable = invoice.state === 'FINALIZED' && invoice.open?.minor !== '0';
  return (
    <Section
      title="Unapplied payments"
      description={`Paid beyond what was due, or credited after it was paid${isLeft ? `: ${formatMinor(unapplied)} in all is not applied yet` : ''}.`}
      actions={
        organization.kind === 'LAB' &&
        isLeft &&
        isPayable && (
          <Button icon={WalletCards} whyNot={whyNot} onClick={() => setApplying(true)}>
            Apply to this invoice
          </Button>
        )
      }
    >
      {rows.length === 0 ? (
        <p className="text-ink-faint">None of it was applied to this invoice.</p>
      ) : (
        <Table
          compact
          caption="Payments applied to the invoice"
          columns={APPLICATION_COLUMNS}
          rows={rows}
          rowId={({ id }) => id}
        />
      )}
      {isApplying && <ApplicationDialog invoice={invoice} unapplied={unapplied} onClose={() => setApplying(false)} />}
    </Section>
  );
}

const APPLICATION_COLUMNS: ReadonlyArray<Column<PaymentApplication>> = [
  {
    id: 'requested',
    header: 'Asked for',
    wide: true,
    cell: ({ requestedAt }) => <Time at={requestedAt} style="minute" />,
  },
  {
    id: 'posted',
    header: 'In the books',
    cell: ({ postedAt }) => (postedAt ? <Time at={postedAt} style="minute" /> : <Soon />),
  },
  {
    id: 'amount',
    header: 'Amount',
    numeric: true,
    cell: ({ amount, applied }) => <BilledAmount amount={applied ?? amount} />,
  },
];
