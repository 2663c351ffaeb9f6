import type { Transaction } from '#platform/database';

/** How long the cluster worked for one owner, such as a fine-tune job or an evaluation run: all its attempts, failed ones too. */
export interface ClusterTime {
  organizationId: string;
  ownerId: string;
  milliseconds: bigint;
}

/** Of all partners in a scope of the lab, of none in another: what fell into the span, of what goes on until now. */
export async function clusterTimes(
  tx: Transaction,
  { from, to, now }: { from: Date; to: Date; now: Date },
): Promise<ClusterTime[]> {
  const rows = await tx.query<{ organization_id: string; owner_id: string; milliseconds: string }>(
    'SELECT organization_id, owner_id, milliseconds FROM cluster_times($1, $2, $3)',
    [from, to, now],
  );
  return rows.map(({ organization_id: organizationId, owner_id: ownerId, milliseconds }) => ({
    organizationId,
    ownerId,
    milliseconds: BigInt(milliseconds),
  }));
}
