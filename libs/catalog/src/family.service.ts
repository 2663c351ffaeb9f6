import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate, paginateMany } from '#platform/graphql';
import { CATALOG_ERRORS } from './catalog.errors.js';
import {
  type ModelFamily,
  type ModelFamilyRow,
  type Stage,
  type TrainingRun,
  type TrainingRunRow,
  toFamily,
  toRun,
} from './family.js';
import { assertLabName } from './names.js';
import { ENGINE_LORA_RANKS } from './servability.js';
import { ofSeenFamilies } from './visibility.js';

export interface CreateFamilyInput {
  name: string;
  displayName: string;
  description: string;
  license: string;
  maxLoraRank?: number | null;
}

export interface CreateTrainingRunInput {
  familyId: string;
  /** Part of its checkpoints' names. */
  name: string;
  stage: Stage;
  description: string;
  hyperparameters: Record<string, unknown>;
}

const DEFAULT_MAX_LORA_RANK = 64;

const SEEN_FAMILIES = ofSeenFamilies('f', 'id');
const SEEN_RUNS = ofSeenFamilies('r');

/** Model families and the training runs in them. */
@Injectable()
export class FamilyService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  async createFamily(tx: Transaction, input: CreateFamilyInput): Promise<string> {
    assertLabName(input.name, 'name');
    const maxLoraRank = input.maxLoraRank ?? DEFAULT_MAX_LORA_RANK;
    if (!ENGINE_LORA_RANKS.some((rank) => rank === maxLoraRank)) {
      const allowed = ENGINE_LORA_RANKS.join(', ');
      throw CATALOG_ERRORS.LORA_RANK_UNSUPPORTED({ rank: maxLoraRank, allowed }, { path: ['maxLoraRank'] });
    }
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO model_families (id, organization_id, name, display_name, description, license, max_lora_rank, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING RETURNING id`,
      [
        newId('fam'),
        tx.scope.organizationId,
        input.name,
        input.displayName,
        input.description,
        input.license,
        maxLoraRank,
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    if (!rows[0]) throw CATALOG_ERRORS.MODEL_NAME_TAKEN({ name: input.name }, { path: ['name'] });
    return rows[0].id;
  }

  async createTrainingRun(tx: Transaction, input: CreateTrainingRunInput): Promise<string> {
    assertLabName(input.name, 'name');
    const family = await this.getOwn(tx, input.familyId);
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO training_runs (id, organization_id, family_id, name, stage, description, hyperparameters, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (family_id, name) DO NOTHING RETURNING id`,
      [
        newId('run'),
        tx.scope.organizationId,
        family.id,
        input.name,
        input.stage,
        input.description,
        JSON.stringify(input.hyperparameters),
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    if (!rows[0]) throw CATALOG_ERRORS.MODEL_NAME_TAKEN({ name: input.name }, { path: ['name'] });
    return rows[0].id;
  }

  /** By id or name. */
  async get(tx: Transaction, family: string): Promise<ModelFamily> {
    const row = await tx.one<ModelFamilyRow>(
      `SELECT f.* FROM model_families f WHERE (f.id = $1 OR f.name = $1) AND ${SEEN_FAMILIES}`,
      [family],
    );
    if (!row) throw CATALOG_ERRORS.MODEL_FAMILY_NOT_FOUND({ family });
    return toFamily(row);
  }

  /** A family that the transaction's organization publishes. */
  async getOwn(tx: Transaction, familyId: string): Promise<ModelFamily> {
    const [family] = await this.findFamilies(tx, [familyId]);
    if (family?.organizationId !== tx.scope.organizationId)
      throw CATALOG_ERRORS.MODEL_FAMILY_NOT_FOUND({ family: familyId }, { path: ['familyId'] });
    return family;
  }

  async findFamilies(tx: Transaction, ids: readonly string[]): Promise<ModelFamily[]> {
    const rows = await tx.query<ModelFamilyRow>(
      `SELECT f.* FROM model_families f WHERE f.id = ANY($1) AND ${SEEN_FAMILIES}`,
      [[...ids]],
    );
    return rows.map(toFamily);
  }

  async findRuns(tx: Transaction, ids: readonly string[]): Promise<TrainingRun[]> {
    const rows = await tx.query<TrainingRunRow>(
      `SELECT r.* FROM training_runs r WHERE r.id = ANY($1) AND ${SEEN_RUNS}`,
      [[...ids]],
    );
    return rows.map(toRun);
  }

  listFamilies(tx: Transaction, args: ConnectionArgs) {
    return paginate<ModelFamilyRow, ModelFamily>(tx, {
      from: 'model_families f',
      columns: 'f.*',
      where: [SEEN_FAMILIES],
      orderBy: [
        { column: 'f.created_at', type: 'timestamptz' },
        { column: 'f.id', type: 'text' },
      ],
      args,
      map: toFamily,
    });
  }

  listRuns(tx: Transaction, filter: { familyId?: string | null; stage?: Stage | null }, args: ConnectionArgs) {
    return paginate(tx, {
      ...pageOfRuns(args),
      where: [SEEN_RUNS, '$1::text IS NULL OR r.family_id = $1', '$2::text IS NULL OR r.stage = $2'],
      parameters: [filter.familyId ?? null, filter.stage ?? null],
    });
  }

  listRunsOfFamilies(tx: Transaction, familyIds: readonly string[], args: ConnectionArgs) {
    return paginateMany(tx, familyIds, 'r.family_id', pageOfRuns(args));
  }
}

/** In the order in which they were begun. */
function pageOfRuns(args: ConnectionArgs): PageQuery<TrainingRunRow, TrainingRun> {
  return {
    from: 'training_runs r',
    columns: 'r.*',
    where: [SEEN_RUNS],
    orderBy: [
      { column: 'r.created_at', type: 'timestamptz' },
      { column: 'r.id', type: 'text' },
    ],
    direction: 'ASC',
    args,
    map: toRun,
  };
}
