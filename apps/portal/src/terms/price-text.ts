import { formatMoney, writeDecimal } from '../format';
import type { PriceRule } from './documents';
import { formatQuantity, formatUnits } from './meters';

type Tiers = NonNullable<PriceRule['graduated']>['tiers'];

/** What a rule charges, in a phrase: "€3.00 per 1M tokens". */
export function priceText(
  { meter, flat, graduated, volume, package: packaged }: Pick<PriceRule, 'meter'> & Partial<PriceRule>,
  currency: string,
): string {
  const money = (nanos: string) => formatMoney({ currency, nanos });
  const tiersText = (tiers: Tiers) =>
    tiers
      .map(({ upTo, priceNanos, perUnits, feeNanos }) => {
        const fee = feeNanos === '0' ? '' : ` and ${money(feeNanos)}`;
        const reach = upTo === null ? 'beyond' : `up to ${formatQuantity(meter, upTo)}`;
        return `${reach} ${money(priceNanos)} per ${formatUnits(meter, perUnits)}${fee}`;
      })
      .join('; ');
  if (flat) return `${money(flat.priceNanos)} per ${formatUnits(meter, flat.perUnits)}`;
  if (packaged) return `${money(packaged.priceNanos)} for each ${formatUnits(meter, packaged.packageUnits)} begun`;
  if (graduated) return `each part at its tier: ${tiersText(graduated.tiers)}`;
  return volume ? `all at the tier reached: ${tiersText(volume.tiers)}` : '';
}

/** Of hundredths of a percent: "7.5%". */
export const percentText = (basisPoints: number): string => `${writeDecimal(String(basisPoints), 2)}%`;
