import { paths } from '../../app';
import { formatPercent } from '../../format';
import { Badge, TextLink } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { Listing } from './documents';
import { publisherName, shareOf, variantName } from './naming';
import { PriceLines } from './price-lines';
import { Standing } from './standing';

const COLUMNS = {
  listing: {
    id: 'listing',
    header: 'Listing',
    wide: true,
    sortBy: ({ title }) => title,
    cell: ({ id, title, summary }) => (
      <div className="min-w-48">
        <TextLink to={paths.listing(id)} className="font-medium break-words">
          {title}
        </TextLink>
        <p className="line-clamp-2 text-sm break-words text-ink-faint">{summary}</p>
      </div>
    ),
  },
  publisher: {
    id: 'publisher',
    header: 'Publisher',
    sortBy: (listing) => publisherName(listing) ?? '',
    cell: (listing) => publisherName(listing) ?? NOTHING,
  },
  variant: { id: 'variant', header: 'Variant', cell: (listing) => <Variant listing={listing} /> },
  prices: { id: 'prices', header: 'Prices', cell: (listing) => <Prices listing={listing} /> },
  uses: { id: 'uses', header: 'Allows', cell: ({ allowsFineTuning }) => <Uses allowsFineTuning={allowsFineTuning} /> },
  audience: { id: 'audience', header: 'For', cell: ({ audience }) => AUDIENCE_LABELS[audience] },
  share: { id: 'share', header: 'Your share', numeric: true, cell: (listing) => <Share listing={listing} /> },
  state: { id: 'state', header: 'State', cell: (listing) => <Standing listing={listing} /> },
} satisfies Record<string, Column<Listing>>;

const NOTHING = <span className="text-ink-faint">—</span>;

export const AUDIENCE_LABELS: Record<Listing['audience'], string> = {
  ALL_PARTNERS: 'All partners',
  NAMED: 'Named partners',
};

interface ListingTableProps {
  caption: string;
  listings: Listing[];
  columns: ReadonlyArray<keyof typeof COLUMNS>;
}

export function ListingTable({ caption, listings, columns }: ListingTableProps) {
  const shown: ReadonlyArray<Column<Listing>> = columns.map((name) => COLUMNS[name]);
  return <Table caption={caption} columns={shown} rows={listings} rowId={({ id }) => id} />;
}

/** With what it was made from: both lead to their model cards. */
function Variant({ listing: { checkpoint } }: { listing: Listing }) {
  const name = variantName({ checkpoint });
  if (!name || !checkpoint || !('name' in checkpoint)) return NOTHING;
  return (
    <div className="min-w-52 text-sm">
      <TextLink to={paths.model(name)} className="break-all">
        {name}
      </TextLink>
      {checkpoint.base && <p className="break-all text-ink-faint">on {checkpoint.base.name}</p>}
    </div>
  );
}

function Prices({ listing }: { listing: Listing }) {
  return (
    <div className="text-sm whitespace-nowrap">
      <PriceLines {...listing} />
    </div>
  );
}

export function Uses({ allowsFineTuning }: { allowsFineTuning: boolean }) {
  return (
    <span className="flex flex-wrap gap-1">
      <Badge>Call and deploy</Badge>
      {allowsFineTuning && <Badge>Fine-tune</Badge>}
    </span>
  );
}

function Share({ listing }: { listing: Listing }) {
  const share = shareOf(listing);
  return share === null ? NOTHING : formatPercent(share, 2);
}
