import { isDeepStrictEqual } from 'node:util';
import type { GraphqlClient } from '#libs/client';
import { LIST_PRICES } from './list-prices.js';
import { say } from './say.js';

const NAME = 'List prices';

interface RateCard {
  id: string;
  name: string;
  status: string;
  forOrganization: { id: string } | null;
  lines: Array<{ meter: string; perUnits: string; price: { nanos: string }; subject: { id: string } | null }>;
}

/** General prices, for everybody and everything; published once and left alone. */
export async function ensurePrices(operator: GraphqlClient): Promise<void> {
  const { rateCards } = await operator.query<{ rateCards: { nodes: RateCard[] } }>(
    '{ rateCards(first: 100) { nodes { id name status forOrganization { id } lines { meter perUnits price { nanos } subject { id } } } } }',
  );
  const known = rateCards.nodes.find(isOurs);
  if (known?.status === 'PUBLISHED') return;
  say('publishing prices');
  const rateCardId = known?.id ?? (await draft(operator));
  await operator.mutate('publishRateCard', { rateCardId }, 'rateCard { id }');
}

async function draft(operator: GraphqlClient): Promise<string> {
  const input = { name: NAME, lines: LIST_PRICES };
  return (await operator.mutate<{ rateCard: { id: string } }>('draftRateCard', input, 'rateCard { id }')).rateCard.id;
}

function isOurs({ name, forOrganization, lines }: RateCard): boolean {
  const general = lines.every((line) => line.subject === null) && forOrganization === null;
  const plain = lines.map(({ meter, price, perUnits }) => ({ meter, priceNanos: price.nanos, perUnits }));
  return name === NAME && general && isDeepStrictEqual(plain, LIST_PRICES);
}
