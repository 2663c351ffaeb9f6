import { inScope, type Transaction } from '#platform/database';
import { type Connection, paginate } from '#platform/graphql';
import type { UsageEventsArgs, UsageEventType } from './usage.types.js';

interface UsageEventRow {
  id: string;
  kind: UsageEventType['kind'];
  source_id: string;
  state: UsageEventType['state'];
  end_reason: UsageEventType['endReason'];
  project_id: string;
  model: string | null;
  checkpoint_id: string | null;
  deployment_id: string | null;
  revision_id: string | null;
  api_key_id: string | null;
  input_tokens: string;
  cached_input_tokens: string;
  output_tokens: string;
  training_tokens: string;
  evaluation_tokens: string;
  stored_byte_hours: string;
  admitted_at: Date;
  ended_at: Date | null;
}

const COLUMNS = `e.id, e.kind, e.source_id, e.state, e.end_reason, e.project_id, e.model, e.checkpoint_id, e.deployment_id,
  e.revision_id, e.api_key_id, e.input_tokens, e.cached_input_tokens, e.output_tokens, e.training_tokens, e.evaluation_tokens,
  e.stored_byte_hours, e.admitted_at, e.ended_at`;

export async function findUsageEvents(tx: Transaction, ids: readonly string[]): Promise<UsageEventType[]> {
  const rows = await tx.query<UsageEventRow>(
    `SELECT ${COLUMNS} FROM usage_events e WHERE ${inScope('e')} AND e.id = ANY($1)`,
    [ids],
  );
  return rows.map(eventOf);
}

export function pageOfUsageEvents(tx: Transaction, args: UsageEventsArgs): Promise<Connection<UsageEventType>> {
  const { projectId, kind, state, model, from, to } = args;
  return paginate<UsageEventRow, UsageEventType>(tx, {
    from: 'usage_events e',
    columns: COLUMNS,
    where: [
      inScope('e'),
      '($1::text IS NULL OR e.project_id = $1)',
      '($2::text IS NULL OR e.kind = $2)',
      '($3::text IS NULL OR e.state = $3)',
      '($4::text IS NULL OR e.model = $4)',
      '($5::timestamptz IS NULL OR e.admitted_at >= $5)',
      '($6::timestamptz IS NULL OR e.admitted_at < $6)',
    ],
    parameters: [projectId, kind, state, model, from, to],
    orderBy: [
      { column: 'e.admitted_at', type: 'timestamptz' },
      { column: 'e.id', type: 'text' },
    ],
    args,
    map: eventOf,
  });
}

function eventOf(row: UsageEventRow): UsageEventType {
  return {
    id: row.id,
    kind: row.kind,
    sourceId: row.source_id,
    state: row.state,
    endReason: row.end_reason,
    projectId: row.project_id,
    model: row.model,
    checkpointId: row.checkpoint_id,
    deploymentId: row.deployment_id,
    revisionId: row.revision_id,
    apiKeyId: row.api_key_id,
    inputTokens: BigInt(row.input_tokens),
    cachedInputTokens: BigInt(row.cached_input_tokens),
    outputTokens: BigInt(row.output_tokens),
    trainingTokens: BigInt(row.training_tokens),
    evaluationTokens: BigInt(row.evaluation_tokens),
    storedByteHours: BigInt(row.stored_byte_hours),
    admittedAt: row.admitted_at,
    endedAt: row.ended_at,
  } as UsageEventType;
}
