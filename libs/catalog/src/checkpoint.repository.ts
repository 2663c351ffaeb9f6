import { listingEnded, type OfferableVariant, type Removal, type SubjectTerms } from '#libs/contracts';
import type { Scope, Transaction } from '#platform/database';
import { type Connection, type ConnectionArgs, type PageQuery, paginate, paginateMany } from '#platform/graphql';
import { CATALOG_ERRORS } from './catalog.errors.js';
import {
  type Checkpoint,
  type CheckpointKind,
  type CheckpointRow,
  isPublished,
  type PublishedCheckpoint,
  toCheckpoint,
} from './checkpoint.js';
import type { CheckpointStatus } from './checkpoint.state.js';
import type { Stage } from './family.js';
import { holdForUse } from './variant-use.js';
import { ofProjects, projectsOf, seenCheckpoints } from './visibility.js';

export interface CheckpointFilter {
  familyId?: string | null;
  trainingRunId?: string | null;
  stage?: Stage | null;
  kinds?: readonly CheckpointKind[] | null;
  statuses?: readonly CheckpointStatus[] | null;
  minimumStep?: number | null;
  maximumStep?: number | null;
  namePrefix?: string | null;
  baseCheckpointId?: string | null;
  /** Variants of one project. */
  projectId?: string | null;
  /** Only what the caller's organization owns: a partner's variants. */
  own?: boolean | null;
}

export const CHECKPOINT_ORDERS = ['newest', 'step', 'name'] as const;
export type CheckpointOrder = (typeof CHECKPOINT_ORDERS)[number];

const ID = { column: 'c.id', type: 'text' } as const;
const ORDER_COLUMNS = {
  newest: { orderBy: [{ column: 'c.created_at', type: 'timestamptz' }, ID], direction: 'DESC' },
  step: { orderBy: [{ column: 'c.step', type: 'int' }, ID], direction: 'ASC' },
  name: { orderBy: [{ column: 'c.name', type: 'text' }, ID], direction: 'ASC' },
} as const;

export async function findCheckpoints(tx: Transaction, ids: readonly string[]): Promise<Checkpoint[]> {
  const rows = await tx.query<CheckpointRow>(
    `SELECT c.* FROM checkpoints c WHERE c.id = ANY($1) AND ${seenCheckpoints('c')} AND (${ofProjects('$2')})`,
    [[...ids], projectsOf(tx.scope)],
  );
  return rows.map(toCheckpoint);
}

/** Ids and names share a namespace, so that one of them says what is meant. */
export async function findCheckpoint(tx: Transaction, idOrName: string): Promise<Checkpoint | null> {
  const row = await tx.one<CheckpointRow>(
    `SELECT c.* FROM checkpoints c WHERE (c.id = $1 OR c.name = $1) AND ${seenCheckpoints('c')}
       AND (${ofProjects('$2')})`,
    [idOrName, projectsOf(tx.scope)],
  );
  return row && toCheckpoint(row);
}

/**
 * Under which licence of its family's owner each stands, and how its base is marked: a variant stands under the tags of what it was
 * made of, for whomever it is listed too. What is not visible is left out.
 */
export async function termsOfCheckpoints(
  tx: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, SubjectTerms>> {
  const rows = await tx.query<SubjectTerms & { id: string }>(
    `SELECT c.id, json_build_object('organizationId', f.organization_id, 'name', c.license) AS license,
            b.export_classification AS "exportClassification", b.compute_regions AS "computeRegions"
     FROM checkpoints c JOIN checkpoints b ON b.id = c.base_checkpoint_id JOIN model_families f ON f.id = c.family_id
     WHERE c.id = ANY($1) AND ${seenCheckpoints('c')}`,
    [[...ids]],
  );
  return new Map(rows.map(({ id, ...terms }) => [id, terms]));
}

/** What a listing may offer; see SubjectCatalog. */
export async function offerableVariant(tx: Transaction, id: string): Promise<OfferableVariant | null> {
  await holdForUse(tx, id);
  return tx.one<OfferableVariant>(
    `SELECT c.id, c.name, c.organization_id AS "organizationId", c.family_id AS "familyId", c.base_checkpoint_id AS "baseCheckpointId",
            f.organization_id AS "labOrganizationId", c.license
     FROM checkpoints c JOIN model_families f ON f.id = c.family_id
     WHERE c.id = $1 AND c.status = 'published' AND c.organization_id <> f.organization_id AND ${seenCheckpoints('c')}
       AND (${ofProjects('$2')})`,
    [id, projectsOf(tx.scope)],
  );
}

/** Published or retired, by id or name; a draft does not exist but for whoever publishes it. */
export async function getPublished(tx: Transaction, model: string): Promise<PublishedCheckpoint> {
  const checkpoint = await findCheckpoint(tx, model);
  if (checkpoint && isPublished(checkpoint)) return checkpoint;
  throw (await listingEnded(tx, model)) ?? CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model });
}

/** Holds an own checkpoint until the transaction ends, so that those who change its status take turns. */
export async function lockOwnCheckpoint(tx: Transaction, id: string): Promise<Checkpoint | null> {
  const row = await tx.one<CheckpointRow>(
    'SELECT * FROM checkpoints WHERE id = $1 AND organization_id = :organization FOR UPDATE',
    [id],
  );
  return row && toCheckpoint(row);
}

/** A locked one's files are gone from now on. */
export async function markDeleted(
  tx: Transaction,
  id: string,
  { removal, reason }: { removal: Removal; reason: string },
): Promise<void> {
  await tx.query(
    `UPDATE checkpoints SET removal = $2, status = 'retired', retired_at = coalesce(retired_at, $3),
       retirement_reason = coalesce(retirement_reason, $4)
     WHERE id = $1 AND organization_id = :organization AND removal IS NULL`,
    [id, JSON.stringify(removal), removal.at, reason],
  );
}

export function listCheckpoints(
  tx: Transaction,
  filter: CheckpointFilter,
  order: CheckpointOrder,
  args: ConnectionArgs,
): Promise<Connection<Checkpoint>> {
  return paginate(tx, pageOfCheckpoints(tx.scope, filter, order, args));
}

export function listCheckpointsOfRuns(tx: Transaction, runIds: readonly string[], args: ConnectionArgs) {
  return paginateMany(tx, runIds, 'c.training_run_id', pageOfCheckpoints(tx.scope, {}, 'step', args));
}

function pageOfCheckpoints(
  scope: Scope,
  filter: CheckpointFilter,
  order: CheckpointOrder,
  args: ConnectionArgs,
): PageQuery<CheckpointRow, Checkpoint> {
  const parameters: unknown[] = [];
  const where = [seenCheckpoints('c')];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  const add = <T>(value: T | null | undefined, condition: (value: T) => string) => {
    if (value != null) where.push(condition(value));
  };
  add(projectsOf(scope), (projects) => ofProjects(bind(projects)));
  add(filter.familyId, (id) => `c.family_id = ${bind(id)}`);
  add(filter.trainingRunId, (id) => `c.training_run_id = ${bind(id)}`);
  add(
    filter.stage,
    (stage) => `c.training_run_id IN (SELECT r.id FROM training_runs r WHERE r.stage = ${bind(stage)})`,
  );
  add(filter.kinds, (kinds) => `c.kind = ANY(${bind([...kinds])})`);
  add(filter.statuses, (statuses) => `c.status = ANY(${bind([...statuses])})`);
  add(filter.minimumStep, (step) => `c.step >= ${bind(step)}`);
  add(filter.maximumStep, (step) => `c.step <= ${bind(step)}`);
  add(filter.baseCheckpointId, (id) => `c.base_checkpoint_id = ${bind(id)}`);
  add(filter.projectId, (id) => `c.project_id = ${bind(id)}`);
  if (filter.own) where.push('c.organization_id = :organization');
  // A range, since row security keeps LIKE from using the index. No name holds a character above '~'.
  add(filter.namePrefix, (prefix) => `c.name >= ${bind(prefix)} AND c.name < ${bind(`${prefix}~`)}`);
  return { from: 'checkpoints c', columns: 'c.*', where, parameters, ...ORDER_COLUMNS[order], args, map: toCheckpoint };
}

/** Of a fine-tune job: all but the final one, which bears the variant's own name. */
export async function findIntermediates(
  tx: Transaction,
  jobId: string,
  before: string | null,
  limit: number,
): Promise<Checkpoint[]> {
  const rows = await tx.query<CheckpointRow>(
    `SELECT c.* FROM checkpoints c WHERE c.fine_tune_job_id = $1 AND c.organization_id = :organization
       AND c.name LIKE '%:step-%' AND ($2::text IS NULL OR c.step < (
         SELECT step FROM checkpoints WHERE id = $2 AND organization_id = :organization)) ORDER BY c.step DESC LIMIT $3`,
    [jobId, before, limit],
  );
  return rows.map(toCheckpoint);
}
