import { Fraction, larger } from '#libs/kernel';
import type { ContractPrice, PriceTier } from '../contract/terms.js';

type UnitPrice = Pick<PriceTier, 'priceNanos' | 'perUnits'>;

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

function unitsNanos({ priceNanos, perUnits }: UnitPrice, units: bigint): Fraction {
  return new Fraction(units * priceNanos, perUnits);
}

/** Each tier prices the units that lie in it. */
function graduatedNanos(tiers: readonly PriceTier[], quantity: bigint): Fraction {
  let nanos = new Fraction(0);
  let lower = 0n;
  for (const tier of tiers) {
    if (quantity <= lower) break;
    const upper = tier.upTo === null ? quantity : tier.upTo < quantity ? tier.upTo : quantity;
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

/**
 * The most that a part of usage can come to, whatever else of the period it is summed with: the most that parts cost is never less than
 * what they cost together. A flat price is exact; of tiers the dearest counts, with its fees; packages are begun anew by every part.
 */
export function highestPriceNanos(price: ContractPrice, quantity: bigint): Fraction {
  if (quantity === 0n) return new Fraction(0);
  switch (price.kind) {
    case 'flat':
    case 'package':
      return exactPriceNanos(price, quantity);
    case 'graduated':
      return unitsNanos(dearestUnit(price), quantity).add(sumOfFees(price.tiers));
    case 'volume':
      return unitsNanos(dearestUnit(price), quantity).add(highestFee(price.tiers));
  }
}

/** What units cost in the dearest tier, without its fee; a package as a whole. */
export function dearestUnit(price: ContractPrice): UnitPrice {
  switch (price.kind) {
    case 'flat':
      return price;
    case 'package':
      return { priceNanos: price.priceNanos, perUnits: price.packageUnits };
    case 'graduated':
    case 'volume':
      return price.tiers.reduce((dearest, tier) => (isDearer(tier, dearest) ? tier : dearest));
  }
}

function isDearer(one: UnitPrice, other: UnitPrice): boolean {
  return one.priceNanos * other.perUnits > other.priceNanos * one.perUnits;
}

function sumOfFees(tiers: readonly PriceTier[]): bigint {
  return tiers.reduce((sum, { feeNanos }) => sum + feeNanos, 0n);
}

function highestFee(tiers: readonly PriceTier[]): bigint {
  return tiers.map(({ feeNanos }) => feeNanos).reduce(larger, 0n);
}
