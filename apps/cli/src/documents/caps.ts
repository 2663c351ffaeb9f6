import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, MONEY, type Money, PAGE_INFO, type Page } from './shared.js';

export interface SpendCap {
  id: string;
  organizationId: string;
  side: string;
  subjectId: string;
  period: string;
  isHard: boolean;
  alertPercents: number[];
  clause: string | null;
  limit: Money;
  window: { startsAt: string; endsAt: string | null; spent: Money; held: Money; left: Money };
  endedAt: string | null;
}

const CAP = `id organizationId side subjectId period isHard alertPercents clause endedAt limit ${MONEY}
  window { startsAt endsAt spent ${MONEY} held ${MONEY} left ${MONEY} }`;

export const SPEND_CAPS = defineOperation<
  { spendCaps: Connection<SpendCap> },
  Page & { organizationId?: string; projectId?: string; includeEnded: boolean }
>(
  `query($first: Int, $after: String, $organizationId: ID, $projectId: ID, $includeEnded: Boolean!) {
    spendCaps(first: $first, after: $after, organizationId: $organizationId, projectId: $projectId, includeEnded: $includeEnded) {
      nodes { ${CAP} } ${PAGE_INFO} } }`,
);

export const SET_SPEND_CAP = defineMutation<
  { spendCap: SpendCap },
  {
    limitNanos: string;
    currency: string;
    period: string;
    isHard: boolean;
    alertPercents?: number[];
    projectId?: string;
    apiKeyId?: string;
    organizationId?: string;
    contractId?: string;
    clause?: string;
  }
>('setSpendCap', `spendCap { ${CAP} }`);

export const REMOVE_SPEND_CAP = defineMutation<{ spendCap: SpendCap }, { spendCapId: string }>(
  'removeSpendCap',
  `spendCap { ${CAP} }`,
);
