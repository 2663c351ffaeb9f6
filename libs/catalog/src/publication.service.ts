import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, DomainError, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import type { Checkpoint, EdgeRecipe, ModelCard } from './checkpoint.js';
import { findCheckpoints, lockOwnCheckpoint } from './checkpoint.repository.js';
import { checkpointStates } from './checkpoint.state.js';
import { insertFiles } from './checkpoint-files.repository.js';
import { FamilyService } from './family.service.js';
import { type CheckpointFile, declaredFilesProblem, manifestSha256 } from './manifest.js';
import { labCheckpointName } from './names.js';
import { TRANSFER_SECONDS } from './transfer.service.js';

export interface CreateCheckpointInput {
  trainingRunId: string;
  step: number;
  tokensSeen: number;
  loss?: number | null;
  /** What training went on from; absent: it began from nothing. */
  parentCheckpointId?: string | null;
  recipe: EdgeRecipe;
  /** Absent: the family's. */
  license?: string | null;
  modelCard: ModelCard;
  files: readonly CheckpointFile[];
}

/** How the lab's checkpoints come in: drafted with their files declared, uploaded, verified, published. */
@Injectable()
export class PublicationService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly families: FamilyService,
  ) {}

  /** A draft that only its owner sees; its name follows from family, run and step. */
  async create(tx: Transaction, input: CreateCheckpointInput): Promise<string> {
    const [run] = await this.families.findRuns(tx, [input.trainingRunId]);
    if (run?.organizationId !== tx.scope.organizationId)
      throw CATALOG_ERRORS.TRAINING_RUN_NOT_FOUND({ id: input.trainingRunId }, { path: ['trainingRunId'] });
    const family = await this.families.getOwn(tx, run.familyId);
    const invalid = declaredFilesProblem(input.files);
    if (invalid) {
      const path = invalid.position === undefined ? ['files'] : ['files', invalid.position];
      throw CATALOG_ERRORS.CHECKPOINT_FILES_INVALID({ problem: invalid.problem }, { path });
    }
    await this.assertParent(tx, input.parentCheckpointId ?? null, family.id);
    const id = newId('ckpt');
    const name = labCheckpointName(family.name, run.name, input.step);
    const rows = await tx.query(
      `INSERT INTO checkpoints (id, organization_id, family_id, training_run_id, name, kind, status, parent_checkpoint_id, recipe,
         base_checkpoint_id, step, tokens_seen, loss, license, model_card, manifest_sha256, optimizer_manifest_sha256, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, 'base', 'draft', $6, $7, $1, $8, $9, $10, $11, $12, $13, $14, $15, $16)
       ON CONFLICT (name) DO NOTHING RETURNING id`,
      [
        id,
        tx.scope.organizationId,
        family.id,
        run.id,
        name,
        input.parentCheckpointId ?? null,
        JSON.stringify(input.recipe),
        input.step,
        input.tokensSeen,
        input.loss ?? null,
        input.license ?? family.license,
        JSON.stringify(input.modelCard),
        manifestSha256(input.files, 'weights'),
        manifestSha256(input.files, 'optimizer'),
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    if (rows.length === 0) throw CATALOG_ERRORS.MODEL_NAME_TAKEN({ name }, { path: ['step'] });
    const prefix = checkpointPrefix(tx.scope.organizationId, id);
    const files = input.files.map((file) => ({ ...file, key: `${prefix}files/${file.path}` }));
    await insertFiles(tx, id, files);
    return id;
  }

  /** Says that every file is stored. Verifying reads all bytes, so the worker does it; asked for again it changes nothing. */
  async publish(tx: Transaction, checkpointId: string): Promise<void> {
    const checkpoint = await this.lock(tx, checkpointId);
    const { status, name } = checkpoint;
    if (status === 'verifying' || status === 'published') return;
    if (!checkpointStates.can(status, 'verifying'))
      throw CATALOG_ERRORS.CHECKPOINT_STATE({ name, status, action: 'published' }, { path: ['checkpointId'] });
    await tx.query(
      `UPDATE checkpoints SET status = 'verifying', publication_problems = '[]'
       WHERE id = $1 AND organization_id = :organization`,
      [checkpointId],
    );
    tx.publish({ type: 'catalog.checkpoint.verifying', key: checkpointId, payload: { checkpointId } });
  }

  /** A draft can be taken back, with its name; its bytes go once the last upload request has expired. */
  async discard(tx: Transaction, checkpointId: string): Promise<void> {
    const { status, name } = await this.lock(tx, checkpointId);
    const path = ['checkpointId'];
    if (status !== 'draft') throw CATALOG_ERRORS.CHECKPOINT_STATE({ name, status, action: 'discarded' }, { path });
    const child = await tx.one<{ name: string }>(
      'SELECT name FROM checkpoints WHERE parent_checkpoint_id = $1 AND organization_id = :organization LIMIT 1',
      [checkpointId],
    );
    if (child) throw CATALOG_ERRORS.CHECKPOINT_HAS_CHILD({ name, child: child.name }, { path });
    for (const table of ['checkpoint_evals', 'checkpoint_samples', 'checkpoint_files'])
      await tx.query(`DELETE FROM ${table} WHERE checkpoint_id = $1 AND organization_id = :organization`, [
        checkpointId,
      ]);
    await tx.query('DELETE FROM checkpoints WHERE id = $1 AND organization_id = :organization', [checkpointId]);
    const delayMilliseconds = TRANSFER_SECONDS * 1000;
    tx.publish({ type: 'catalog.draft.discarded', payload: { checkpointId }, delayMilliseconds });
  }

  private async assertParent(tx: Transaction, parentId: string | null, familyId: string): Promise<void> {
    if (parentId === null) return;
    const refuse = (problem: string): DomainError =>
      CATALOG_ERRORS.PARENT_UNUSABLE({ problem }, { path: ['parentCheckpointId'] });
    const [parent] = await findCheckpoints(tx, [parentId]);
    if (parent?.organizationId !== tx.scope.organizationId) throw refuse(`there is no checkpoint ${parentId} of yours`);
    if (parent.familyId !== familyId) throw refuse(`${parent.name} is of another family`);
  }

  private async lock(tx: Transaction, id: string): Promise<Checkpoint> {
    const checkpoint = await lockOwnCheckpoint(tx, id);
    if (!checkpoint) throw CATALOG_ERRORS.CHECKPOINT_NOT_FOUND({ model: id }, { path: ['checkpointId'] });
    return checkpoint;
  }
}

/** Where the bytes of a checkpoint lie. */
export function checkpointPrefix(organizationId: string, checkpointId: string): string {
  return `org/${organizationId}/checkpoints/${checkpointId}/`;
}
