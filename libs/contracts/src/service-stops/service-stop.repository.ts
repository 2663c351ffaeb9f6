import type { Transaction } from '#platform/database';
import type { ServiceStop, ServiceStopSource, ServiceStopSourceKind, StoppableService } from './service-stop.js';

interface ServiceStopRow {
  id: string;
  organization_id: string;
  subject_id: string;
  stops: StoppableService;
  source_kind: ServiceStopSourceKind;
  source_id: string;
  reason: string;
  clause: string;
  since: Date;
  lifted_at: Date | null;
}

/** For the partner whose stop it is, and for the lab that suspended. */
const OF_EITHER = '(s.organization_id = :organization OR s.lab_organization_id = :organization)';

function toServiceStop(row: ServiceStopRow): ServiceStop {
  return {
    id: row.id,
    organizationId: row.organization_id,
    subjectId: row.subject_id,
    stops: row.stops,
    source: { kind: row.source_kind, id: row.source_id },
    reason: row.reason,
    clause: row.clause,
    since: row.since,
    liftedAt: row.lifted_at,
  };
}

/** False where the source stops this already. */
export async function insertStop(tx: Transaction, stop: Omit<ServiceStop, 'liftedAt'>): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO service_stops (id, organization_id, lab_organization_id, subject_id, stops, source_kind, source_id, reason, clause, since)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING id`,
    [
      stop.id,
      stop.organizationId,
      tx.scope.kind === 'lab' ? tx.scope.organizationId : null,
      stop.subjectId,
      stop.stops,
      stop.source.kind,
      stop.source.id,
      stop.reason,
      stop.clause,
      stop.since,
    ],
  );
  return rows.length > 0;
}

/** Gives what was lifted. */
export async function markLifted(
  tx: Transaction,
  { kind, id }: ServiceStopSource,
  services: readonly StoppableService[],
  at: Date,
): Promise<ServiceStop[]> {
  const rows = await tx.query<ServiceStopRow>(
    `UPDATE service_stops s SET lifted_at = $4
     WHERE s.source_kind = $1 AND s.source_id = $2 AND s.stops = ANY($3) AND s.lifted_at IS NULL AND ${OF_EITHER} RETURNING s.*`,
    [kind, id, [...services], at],
  );
  return rows.map(toServiceStop);
}

/** Of the transaction's organization, the first that concerns one of these subjects. */
export async function firstLiveStop(
  tx: Transaction,
  stops: StoppableService,
  subjectIds: readonly string[],
): Promise<ServiceStop | null> {
  const row = await tx.one<ServiceStopRow>(
    `SELECT s.* FROM service_stops s
     WHERE s.organization_id = :organization AND s.lifted_at IS NULL AND s.stops = $1 AND s.subject_id = ANY($2)
     ORDER BY s.since, s.id LIMIT 1`,
    [stops, [...subjectIds]],
  );
  return row && toServiceStop(row);
}

/** Of the transaction's organization. */
export async function findStop(tx: Transaction, id: string): Promise<ServiceStop | null> {
  const row = await tx.one<ServiceStopRow>(
    'SELECT s.* FROM service_stops s WHERE s.id = $1 AND s.organization_id = :organization',
    [id],
  );
  return row && toServiceStop(row);
}

/** Whether another stop held of the same at a time: one that ended or began then, too, since the one took the place of the other. */
export async function isStoppedBeside(
  tx: Transaction,
  { id, subjectId, stops }: ServiceStop,
  at: Date,
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT s.id FROM service_stops s
     WHERE s.organization_id = :organization AND s.subject_id = $1 AND s.stops = $2 AND s.id <> $3
       AND s.since <= $4 AND (s.lifted_at IS NULL OR s.lifted_at >= $4) LIMIT 1`,
    [subjectId, stops, id, at],
  );
  return rows.length > 0;
}

/** Those of one kind that hold, of the transaction's organization. */
export async function liveStopsFrom(tx: Transaction, kind: ServiceStopSourceKind): Promise<ServiceStop[]> {
  const rows = await tx.query<ServiceStopRow>(
    `SELECT s.* FROM service_stops s WHERE s.organization_id = :organization AND s.source_kind = $1 AND s.lifted_at IS NULL
     ORDER BY s.since, s.id`,
    [kind],
  );
  return rows.map(toServiceStop);
}

/** Those of these sources that hold, for either side. */
export async function liveStopsOf(tx: Transaction, sourceIds: readonly string[]): Promise<ServiceStop[]> {
  const rows = await tx.query<ServiceStopRow>(
    `SELECT s.* FROM service_stops s WHERE s.source_id = ANY($1) AND s.lifted_at IS NULL AND ${OF_EITHER}
     ORDER BY s.since, s.id`,
    [[...sourceIds]],
  );
  return rows.map(toServiceStop);
}
