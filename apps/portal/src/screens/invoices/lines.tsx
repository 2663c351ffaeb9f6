import { type ReactNode, useMemo } from 'react';
import { type Named, useNames } from '../../api';
import { paths } from '../../app';
import { type MinorAmount, negated } from '../../format';
import { exactQuantity, formatQuantity, type PriceRule, percentText, priceText, type Terms } from '../../terms';
import { BilledAmount, EmptyState, TextLink } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Invoice, InvoiceLine } from './documents';
import { describe } from './line-text';

/** What the engine wrote, as far as it is shown: the result of docs/guides/how-an-invoice-is-made.md. */
interface Totals {
  netMinor: string;
  subtotalMinor: string;
  taxMinor: string;
  dueMinor: string;
  carriedOutMinor: string;
}

interface LinesProps {
  lines: readonly InvoiceLine[];
  document: string;
  invoice: Invoice;
  moreColumns?: ReadonlyArray<Column<InvoiceLine>>;
  /** Below a line; null while it shows none. */
  detailsOf?: (line: InvoiceLine) => ReactNode;
}

const NO_COLUMNS: ReadonlyArray<Column<InvoiceLine>> = [];

/** All that comes onto an invoice, in its own order, and what it sums to. */
export function Lines({ lines, document, invoice, moreColumns = NO_COLUMNS, detailsOf }: LinesProps) {
  const columns = [...useColumns(lines, invoice), ...moreColumns];
  const rows = useMemo(() => [...lines], [lines]);
  const { currency } = invoice;
  return (
    <div className="flex flex-col gap-3">
      {rows.length === 0 ? (
        <EmptyState title="Nothing is charged">Nothing was used in this period, and nothing else is due.</EmptyState>
      ) : (
        <Table
          compact
          caption="Lines of the invoice"
          columns={columns}
          rows={rows}
          rowId={({ id }) => id}
          detailsOf={detailsOf}
        />
      )}
      <Sums totals={JSON.parse(document) as Totals} currency={currency} />
    </div>
  );
}

function Sums({ totals, currency }: { totals: Totals; currency: string }) {
  const sums: Array<[label: string, minor: string]> = [
    ['Charges less credits', totals.netMinor],
    ['Before tax', totals.subtotalMinor],
    ['Tax', totals.taxMinor],
    ['Total due', totals.dueMinor],
    ...(totals.carriedOutMinor === '0'
      ? []
      : [['Carried to the next invoice', totals.carriedOutMinor] as [string, string]]),
  ];
  return (
    <dl className="grid w-full max-w-sm grid-cols-[1fr_auto] gap-x-6 gap-y-1 self-end px-2.5">
      {sums.map(([label, minor]) => (
        <div key={label} className="contents last:font-semibold">
          <dt className="text-ink-soft">{label}</dt>
          <dd className="text-right">
            <BilledAmount amount={{ currency, minor }} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Credits and drawdowns are told above zero, and lessen what is due. */
const LESSENING: ReadonlySet<InvoiceLine['part']> = new Set(['CREDIT', 'DRAWDOWN']);

function signedAmount({ part, amount }: InvoiceLine): MinorAmount {
  return LESSENING.has(part) ? negated(amount) : amount;
}

function useColumns(lines: readonly InvoiceLine[], { contract, terms, currency }: Invoice) {
  const names = useNames(lines.flatMap(({ projectId, grantId }) => [projectId, grantId]));
  const versions = terms?.versions;
  return useMemo((): ReadonlyArray<Column<InvoiceLine>> => {
    const termsOf = new Map((versions ?? []).map(({ number, terms: agreed }) => [number, agreed]));
    return [
      {
        id: 'what',
        header: 'What',
        wide: true,
        cell: (line) => <What line={line} contractId={contract?.id} names={names} />,
      },
      {
        id: 'project',
        header: 'Project',
        cell: ({ projectId }) => projectId && (names.get(projectId)?.name ?? <Id>{projectId}</Id>),
      },
      {
        id: 'quantity',
        header: 'Quantity',
        numeric: true,
        cell: ({ meter, quantity }) =>
          meter && quantity && <span title={exactQuantity(meter, quantity)}>{formatQuantity(meter, quantity)}</span>,
      },
      {
        id: 'price',
        header: 'Price',
        cell: (line) => <Price line={line} terms={termsOf.get(line.version ?? 0)} currency={currency} />,
      },
      { id: 'amount', header: 'Amount', numeric: true, cell: (line) => <BilledAmount amount={signedAmount(line)} /> },
    ];
  }, [versions, contract?.id, names, currency]);
}

interface WhatProps {
  line: InvoiceLine;
  contractId: string | undefined;
  names: ReadonlyMap<string, Named>;
}

function What({ line, contractId, names }: WhatProps) {
  const { part, grantId, listing } = line;
  if (part === 'CREDIT' && grantId && contractId) {
    return (
      <TextLink to={paths.credits()} search={{ contract: contractId } as never}>
        Credit: {names.get(grantId)?.name ?? <Id>{grantId}</Id>}
      </TextLink>
    );
  }
  if (!listing) return <>{describe(line)}</>;
  return (
    <>
      {describe(line)}, by the listing <TextLink to={paths.listing(listing.id)}>{listing.title}</TextLink>
    </>
  );
}

interface PriceProps {
  line: InvoiceLine;
  terms: Terms | undefined;
  currency: string;
}

/** The rule that prices it, by its name in the contract, and what it says. */
function Price({ line, terms, currency }: PriceProps) {
  const { ruleId, version, meter } = line;
  if (!ruleId) return null;
  const rule = terms?.prices.find(({ id }) => id === ruleId) ?? ruleOfListing(line);
  return (
    <div className="min-w-44">
      {rule && <p>{priceText(rule, currency)}</p>}
      {rule && terms && <Discount terms={terms} meter={rule.meter} />}
      {!line.listing && (
        <p className="text-sm text-ink-faint">
          Rule {ruleId}
          {version !== null && meter && `, version ${version}`}
        </p>
      )}
    </div>
  );
}

/** What is offered costs what its listing says, as if the contract had a rule for it. */
function ruleOfListing({ listing, meter }: InvoiceLine): Pick<PriceRule, 'meter' | 'flat'> | undefined {
  const price = listing?.prices.find((one) => one.meter === meter);
  return price && meter ? { meter, flat: price } : undefined;
}

function Discount({ terms, meter }: { terms: Terms; meter: PriceRule['meter'] }) {
  const basisPoints = terms.discounts
    .filter(({ meters }) => meters === null || meters.includes(meter))
    .reduce((sum, discount) => sum + discount.basisPoints, 0);
  return basisPoints > 0 ? <p>less {percentText(Math.min(basisPoints, 10_000))}</p> : null;
}

function Id({ children }: { children: string }) {
  return <span className="font-mono text-sm">{children}</span>;
}
