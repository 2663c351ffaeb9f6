import { words } from '../../format';
import { formatUnits } from '../../terms';
import { Amount } from '../../ui';
import type { ListingPrice } from './documents';

interface PriceLinesProps {
  prices: readonly ListingPrice[];
  currency: string;
}

/** What its use costs, a line for each kind of token. */
export function PriceLines({ prices, currency }: PriceLinesProps) {
  return (
    <ul className="flex flex-col gap-0.5">
      {prices.map(({ meter, priceNanos, perUnits }) => (
        <li key={meter}>
          {words(meter)}: <Amount money={{ currency, nanos: priceNanos }} /> per {formatUnits(meter, perUnits)}
        </li>
      ))}
    </ul>
  );
}
