import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { plural } from '../../format';
import {
  BilledAmount,
  buttonClasses,
  Card,
  EmptyState,
  type Fact,
  Facts,
  LinkButton,
  Loaded,
  LoadingState,
  NoPermission,
  Notice,
  PageHeader,
  Section,
  TextLink,
  Time,
} from '../../ui';
import { CloseActions } from './close-actions';
import { type Invoice, InvoicePage, InvoicePreviewPart } from './documents';
import { FinalLines } from './final-lines';
import { Lines } from './lines';
import { PdfButton } from './pdf-button';
import { Rebuild } from './rebuild';
import { invoiceRoute } from './route';
import { Settlements } from './settlements';
import { InvoiceStatus, invoiceTitle } from './states';

const CRUMBS = [{ label: 'Invoices', to: paths.invoices() }];

/** What one period of a contract costs: its lines, what is open, and how to make it again. */
export function InvoiceScreen() {
  const { id } = invoiceRoute.useParams();
  const { may } = useSession();
  if (!may('INVOICES_READ')) {
    return (
      <>
        <PageHeader title="Invoice" crumbs={CRUMBS} />
        <NoPermission>Invoices are for billing administrators, administrators and auditors.</NoPermission>
      </>
    );
  }
  return <KnownInvoice key={id} id={id} />;
}

function KnownInvoice({ id }: { id: string }) {
  const request = useRequest(InvoicePage, { id });
  const node = request.status === 'ready' ? request.data.node : null;
  if (!node || !('lines' in node)) {
    return (
      <>
        <PageHeader title="Invoice" crumbs={CRUMBS} />
        <Loaded request={request}>{() => <Gone />}</Loaded>
      </>
    );
  }
  return <Loaded request={request}>{() => <Found invoice={node} refresh={request.refresh} />}</Loaded>;
}

function Gone() {
  return (
    <EmptyState title="There is no such invoice" actions={<LinkButton to={paths.invoices()}>All invoices</LinkButton>}>
      It may be another organization’s.
    </EmptyState>
  );
}

function Found({ invoice, refresh }: { invoice: Invoice; refresh: () => void }) {
  const { contract, state, document } = invoice;
  return (
    <>
      <PageHeader
        title={invoiceTitle(invoice)}
        crumbs={CRUMBS}
        status={<InvoiceStatus state={state} />}
        actions={
          <>
            <PayLink invoice={invoice} />
            {document !== null && <PdfButton invoiceId={invoice.id} />}
            <CloseActions invoice={invoice} />
          </>
        }
      >
        {contract && `To ${contract.organization.name}`}
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Card title="At a glance">
          <Facts columns facts={factsOf(invoice)} />
        </Card>
        {document === null ? (
          <SoFar invoice={invoice} />
        ) : (
          <>
            <Section title="Lines" description="Each is rounded once. What credits and commitments pay is below zero.">
              <FinalLines invoice={invoice} document={document} />
            </Section>
            <Settlements invoice={invoice} refreshInvoice={refresh} />
            <Rebuild invoice={invoice} refresh={refresh} />
          </>
        )}
      </div>
    </>
  );
}

/** The payment provider's own page: no card number comes near the portal. */
function PayLink({ invoice: { state, paymentUrl } }: { invoice: Invoice }) {
  if (state !== 'FINALIZED' || !paymentUrl) return null;
  return (
    <a href={paymentUrl} rel="noreferrer" className={buttonClasses({ kind: 'primary' })}>
      Pay
    </a>
  );
}

function factsOf(invoice: Invoice): Fact[] {
  const { contract, from, to, finalizesAt, finalizedAt, dueAt, due, open, terms, closedAt, closeReason } = invoice;
  return [
    ...(contract
      ? [{ label: 'Contract', value: <TextLink to={paths.contract(contract.id)}>{contract.name}</TextLink> }]
      : []),
    { label: 'From', value: <Time at={from} style="minute" /> },
    { label: 'Until', value: <Time at={to} style="minute" /> },
    finalizedAt
      ? { label: 'Final since', value: <Time at={finalizedAt} style="minute" /> }
      : { label: 'Final from', value: <Time at={finalizesAt} style="minute" /> },
    ...(dueAt ? [{ label: 'Payable until', value: <Time at={dueAt} style="minute" /> }] : []),
    ...(due ? [{ label: 'Total due', value: <BilledAmount amount={due} /> }] : []),
    ...(open ? [{ label: 'Open', value: <BilledAmount amount={open} /> }] : []),
    { label: 'Purchase order', value: terms?.purchaseOrder ?? 'None' },
    ...(closedAt
      ? [
          {
            label: 'Closed',
            value: (
              <>
                <Time at={closedAt} style="minute" />
                <span className="block text-ink-soft">“{closeReason}”</span>
              </>
            ),
          },
        ]
      : []),
  ];
}

/** Of an invoice that is not final: what it would be if nothing more came. */
function SoFar({ invoice }: { invoice: Invoice }) {
  const contractId = invoice.contract?.id ?? '';
  const request = useRequest(InvoicePreviewPart, { contractId }, { pause: contractId === '' });
  return (
    <Section
      title="What it comes to so far"
      description="Made by the same rule as the invoice will be, of the usage that is known now."
    >
      <Loaded request={request} skeleton={<LoadingState lines={6} label="Making the preview" />}>
        {({ invoicePreview }) =>
          invoicePreview?.period === invoice.period ? (
            <>
              <Unpriced count={invoicePreview.unpriced} />
              <Lines lines={invoicePreview.lines} document={invoicePreview.document} invoice={invoice} />
            </>
          ) : (
            <EmptyState title="An earlier invoice comes first">
              This one carries on from it, and is shown once that is final.
            </EmptyState>
          )
        }
      </Loaded>
    </Section>
  );
}

function Unpriced({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Notice tone="warn" title={`${plural(count, 'measure')} of usage without a price`}>
      No rule of the contract names it: it is listed, and not charged.
    </Notice>
  );
}
