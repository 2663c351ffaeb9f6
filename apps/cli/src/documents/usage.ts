import { defineOperation } from '#libs/client';
import { MONEY, type Money } from './shared.js';

export interface UsageRow {
  day: string | null;
  project: { id: string; slug: string } | null;
  model: string | null;
  kind: string | null;
  apiKeyId: string | null;
  jobId: string | null;
  meter: string;
  quantity: string;
  events: number;
  cost: Money | null;
}

export interface UsageSummary {
  from: string;
  to: string;
  total: Money;
  rows: UsageRow[];
  unpriced: Array<{ meter: string; quantity: string }>;
}

export const USAGE = defineOperation<
  { usageSummary: UsageSummary },
  { from: string; to: string; groupBy?: string[]; projectId?: string; organizationId?: string }
>(
  `query($from: DateTime!, $to: DateTime!, $groupBy: [UsageDimension!], $projectId: ID, $organizationId: ID) {
    usageSummary(from: $from, to: $to, groupBy: $groupBy, projectId: $projectId, organizationId: $organizationId) {
      from to total ${MONEY} rows { day project { id slug } model kind apiKeyId jobId meter quantity events cost ${MONEY} }
      unpriced { meter quantity } } }`,
);
