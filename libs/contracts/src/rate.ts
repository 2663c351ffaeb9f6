import type { Meter } from '#libs/kernel';

/** The price of one meter: exactly priceNanos for every perUnits. */
export interface RateLine {
  meter: Meter;
  /** At most one of them; without either the line is for everything. */
  familyId: string | null;
  checkpointId: string | null;
  priceNanos: bigint;
  perUnits: bigint;
}

/** Published prices; they hold from effectiveFrom until a later card for the same customer takes effect. */
export interface RateCard {
  id: string;
  /** Whose prices they are; null: everybody's who has none of their own. */
  forOrganizationId: string | null;
  effectiveFrom: Date;
  lines: readonly RateLine[];
}
