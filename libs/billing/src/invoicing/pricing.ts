import type { ContractPrice, PriceTier } from '#libs/contracts';
import { Fraction } from '#libs/kernel';
import { smaller } from './money.js';

/** What a quantity of more than 0 costs, exactly, in nanos. */
export function exactPriceNanos(price: ContractPrice, quantity: bigint): Fraction {
  switch (price.kind) {
    case 'flat':
      return unitsNanos(price, quantity);
    case 'graduated':
      return graduatedNanos(price.tiers, quantity);
    case 'volume':
      return volumeNanos(price.tiers, quantity);
    case 'package':
      return new Fraction(packagesBegun(quantity, price.packageUnits) * price.priceNanos);
  }
}

function unitsNanos({ priceNanos, perUnits }: Pick<PriceTier, 'priceNanos' | 'perUnits'>, units: bigint): Fraction {
  return new Fraction(units * priceNanos, perUnits);
}

/** Each tier prices the units that lie in it. */
function graduatedNanos(tiers: readonly PriceTier[], quantity: bigint): Fraction {
  let nanos = new Fraction(0);
  let lower = 0n;
  for (const tier of tiers) {
    if (quantity <= lower) break;
    const upper = tier.upTo === null ? quantity : smaller(tier.upTo, quantity);
    nanos = nanos.add(unitsNanos(tier, upper - lower)).add(tier.feeNanos);
    lower = upper;
  }
  return nanos;
}

/** The tier in which the quantity ends prices all of it. */
function volumeNanos(tiers: readonly PriceTier[], quantity: bigint): Fraction {
  const tier = tiers.find(({ upTo }) => upTo === null || quantity <= upTo)!;
  return unitsNanos(tier, quantity).add(tier.feeNanos);
}

function packagesBegun(quantity: bigint, packageUnits: bigint): bigint {
  return (quantity + packageUnits - 1n) / packageUnits;
}
