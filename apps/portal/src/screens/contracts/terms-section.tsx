import { useMemo } from 'react';
import { type Named, useNames } from '../../api';
import { useSession } from '../../app';
import { formatMinor, plural, words } from '../../format';
import { type PriceRule, percentText, priceText, type Terms } from '../../terms';
import { BilledAmount, EmptyState, type Fact, Facts, Section, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';

interface TermsSectionProps {
  terms: Terms;
  currency: string;
}

/** What a version says, clause by clause, as people read it; the document beside it is what counts. */
export function TermsSection({ terms, currency }: TermsSectionProps) {
  return (
    <Section title="What it says" description="For people; the document below is what both sides sign.">
      <Facts columns facts={clausesOf(terms, currency)} />
      <Prices terms={terms} currency={currency} />
      <Commitments terms={terms} currency={currency} />
    </Section>
  );
}

function clausesOf(terms: Terms, currency: string): Fact[] {
  const { minimumMinor, taxBasisPoints, paymentDays, discounts, exportClearances, regions, retention } = terms;
  const { uploadDays, afterEndDays } = retention;
  return [
    {
      label: 'Least for a month',
      value: isZero(minimumMinor) ? 'Nothing' : formatMinor({ currency, minor: minimumMinor }),
    },
    { label: 'Discounts', value: discounts.length === 0 ? 'None' : discounts.map(discountText).join('; ') },
    { label: 'Tax', value: percentText(taxBasisPoints) },
    { label: 'Invoices are paid', value: `Within ${plural(paymentDays, 'day')}` },
    { label: 'Export clearances', value: exportClearances.join(', ') || 'None' },
    { label: 'Regions', value: regions?.join(', ') ?? 'Anywhere' },
    { label: 'Uploads are kept', value: keptText(uploadDays) },
    {
      label: 'All content is kept',
      value: afterEndDays === null ? keptText(null) : `${plural(afterEndDays, 'day')} after the last contract`,
    },
  ];
}

function Prices({ terms, currency }: TermsSectionProps) {
  const { prices } = terms;
  const { projects } = useSession();
  const names = useNames(prices.flatMap(({ match }) => [match.listingId, match.checkpointId, match.familyId]));
  const columns = useMemo((): ReadonlyArray<Column<PriceRule>> => {
    const nameOf = (id: string) => projects.find((project) => project.id === id)?.name ?? names.get(id)?.name ?? id;
    return [
      { id: 'meter', header: 'For', cell: ({ meter }) => words(meter) },
      { id: 'match', header: 'Of', cell: ({ match }) => matchText(match, nameOf) },
      { id: 'price', header: 'Price', wide: true, cell: (rule) => priceText(rule, currency) },
      { id: 'rule', header: 'Rule', cell: ({ id }) => <span className="font-mono text-sm">{id}</span> },
    ];
  }, [projects, names, currency]);
  const rows = useMemo(() => [...prices], [prices]);
  if (rows.length === 0)
    return <EmptyState title="No prices of its own">What is used is charged by the lab’s rate card.</EmptyState>;
  return <Table compact caption="Prices" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

type Commitment = Terms['commitments'][number];

function Commitments({ terms: { commitments }, currency }: TermsSectionProps) {
  const rows = useMemo(() => [...commitments], [commitments]);
  const columns = useMemo(
    (): ReadonlyArray<Column<Commitment>> => [
      { id: 'id', header: 'Commitment', wide: true, cell: ({ id }) => id },
      {
        id: 'kind',
        header: 'Paid',
        cell: ({ kind }) => (kind === 'PREPAID' ? 'In advance' : 'At its end, what was not used'),
      },
      { id: 'from', header: 'From', cell: ({ from }) => <Time at={from} style="minute" /> },
      { id: 'to', header: 'To', cell: ({ to }) => <Time at={to} style="minute" /> },
      {
        id: 'overage',
        header: 'Beyond it',
        cell: ({ overageBasisPoints }) => `At ${percentText(overageBasisPoints)} of the price`,
      },
      {
        id: 'amount',
        header: 'Amount',
        numeric: true,
        cell: ({ amountMinor }) => <BilledAmount amount={{ currency, minor: amountMinor }} />,
      },
    ],
    [currency],
  );
  if (rows.length === 0) return null;
  return <Table compact caption="Commitments" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

function matchText(match: PriceRule['match'], nameOf: (id: string) => Named['name']): string {
  const { projectId, listingId, checkpointId, familyId, method } = match;
  const parts = [
    projectId && `project ${nameOf(projectId)}`,
    listingId && `listing ${nameOf(listingId)}`,
    checkpointId && `model ${nameOf(checkpointId)}`,
    familyId && `family ${nameOf(familyId)}`,
    method && `method ${method}`,
  ].filter(Boolean);
  return parts.length === 0 ? 'Everything' : parts.join(', ');
}

function discountText({ basisPoints, meters }: Terms['discounts'][number]): string {
  const of = meters === null ? 'everything' : meters.map((meter) => words(meter).toLowerCase()).join(', ');
  return `${percentText(basisPoints)} off ${of}`;
}

const isZero = (minor: string) => minor === '0';
const keptText = (days: number | null) => (days === null ? 'Until deleted' : plural(days, 'day'));
