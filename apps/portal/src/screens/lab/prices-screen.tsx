import { BadgeDollarSign, Plus } from 'lucide-react';
import { useState } from 'react';
import { useRequest } from '../../api';
import { useWhyNot } from '../../app';
import { now, plural, words } from '../../format';
import { formatUnits } from '../../terms';
import { Amount, Button, Card, EmptyState, Loaded, PageHeader, Pagination, Status, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type RateCard, type RateCardLine, RateCardsPage, subjectName } from './documents';
import { DraftPricesDialog } from './draft-prices';
import { PublishPricesDialog } from './publish-prices';

export function PricesScreen() {
  const whyNot = useWhyNot()('PRICES_WRITE');
  const { page, next, previous } = usePage(10);
  const request = useRequest(RateCardsPage, page, { alsoChangesWith: ['RateCard'] });
  const [drafting, setDrafting] = useState<{ from: RateCard | null } | null>(null);
  const [publishing, setPublishing] = useState<RateCard | null>(null);
  const newest = request.status === 'ready' ? (request.data.rateCards.nodes[0] ?? null) : null;
  // A draft begins with the newest prices: until they are here it would begin with none.
  const whyNotYet = request.status === 'loading' ? 'The prices that a draft begins with are on their way.' : null;
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot ?? whyNotYet} onClick={() => setDrafting({ from: newest })}>
      Draft prices
    </Button>
  );
  return (
    <>
      <PageHeader title="Prices" actions={button}>
        A rate card holds from its time on, until a later one for the same customer does. Published ones never change.
      </PageHeader>
      <Loaded request={request}>
        {({ rateCards: { nodes, pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={BadgeDollarSign} title="Nothing has a price yet" actions={button}>
              <p>Until it has, usage is counted and costs nothing.</p>
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-4">
              {nodes.map((card) => (
                <RateCardView
                  key={card.id}
                  card={card}
                  whyNot={whyNot}
                  onCopy={() => setDrafting({ from: card })}
                  onPublish={() => setPublishing(card)}
                />
              ))}
              <Pagination
                of="rate cards"
                info={pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </div>
          )
        }
      </Loaded>
      {drafting && <DraftPricesDialog from={drafting.from} onClose={() => setDrafting(null)} />}
      {publishing && <PublishPricesDialog card={publishing} onClose={() => setPublishing(null)} />}
    </>
  );
}

interface RateCardViewProps {
  card: RateCard;
  whyNot: string | null;
  onCopy: () => void;
  onPublish: () => void;
}

function RateCardView({ card, whyNot, onCopy, onPublish }: RateCardViewProps) {
  const { name, forOrganization, lines } = card;
  const of = <span className="sr-only"> {name}</span>;
  return (
    <Card
      title={name}
      actions={
        <>
          <Button small whyNot={whyNot} onClick={onCopy}>
            Draft from it{of}
          </Button>
          {card.status === 'DRAFT' && (
            <Button small kind="primary" whyNot={whyNot} onClick={onPublish}>
              Publish{of}
            </Button>
          )}
        </>
      }
    >
      <p className="-mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-soft">
        <State card={card} />
        <span>{forOrganization ? `For ${forOrganization.name}` : 'For everybody without prices of their own'}</span>
        <span>{plural(lines.length, 'price')}</span>
      </p>
      <Table compact caption={`Prices of ${name}`} columns={COLUMNS} rows={lines} rowId={lineId} />
    </Card>
  );
}

function State({ card: { status, effectiveFrom, createdAt } }: { card: RateCard }) {
  if (status === 'DRAFT' || !effectiveFrom) {
    return (
      <>
        <Status tone="neutral">Draft</Status>
        <span>
          of <Time at={createdAt} />
        </span>
      </>
    );
  }
  const isAhead = Date.parse(effectiveFrom) > now();
  return (
    <>
      <Status tone={isAhead ? 'accent' : 'ok'}>{isAhead ? 'Published ahead' : 'Published'}</Status>
      <span>
        holds from <Time at={effectiveFrom} style="minute" />
      </span>
    </>
  );
}

const lineId = ({ meter, subject }: RateCardLine) => `${meter} ${subject?.id ?? ''}`;

const COLUMNS: ReadonlyArray<Column<RateCardLine>> = [
  {
    id: 'meter',
    header: 'Counted',
    sortBy: ({ meter }) => meter,
    cell: ({ meter }) => <span className="whitespace-nowrap">{words(meter)}</span>,
  },
  { id: 'subject', header: 'For', wide: true, cell: ({ subject }) => subjectName(subject) },
  {
    id: 'price',
    header: 'Price',
    numeric: true,
    cell: ({ meter, price, perUnits }) => (
      <>
        <Amount money={price} /> per {formatUnits(meter, perUnits)}
      </>
    ),
  },
];
