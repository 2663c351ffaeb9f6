import { Inject, Injectable } from '@nestjs/common';
import { CatalogService, type PublishedCheckpoint } from '#libs/catalog';
import { ComputeService } from '#libs/compute';
import { contentRemoved, type Removal } from '#libs/contracts';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { PreparationPolicy } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { assertDatasetName, type Dataset, type DatasetVersion, preparationPrefix } from './dataset.js';
import {
  buryVersion,
  deleteHolds,
  findDatasetByName,
  findDatasets,
  findVersions,
  holdersOf,
  insertDataset,
  insertHold,
  insertVersion,
  lockVersions,
} from './dataset.repository.js';
import { DATASET_ERRORS } from './datasets.errors.js';
import type { Preparation } from './preparation.js';
import { claimPreparation, findPreparation, findPreparations, setComputeJob } from './preparation.repository.js';

export interface EnsurePrepared {
  versionId: string;
  validationVersionId?: string;
  /** A base or a variant: what counts is the base's tokenizer and template. */
  checkpointId: string;
  policy: PreparationPolicy;
}

export interface RegisterResult {
  projectId: string;
  filename: string;
  /** Where the platform stored it. */
  objectKey: string;
  bytes: number;
  sha256: string;
}

const PREPARATION_ATTEMPTS = 3;
const PREPARATION_LIMITS = { threads: 1, memory_bytes: 2 * 1024 ** 3, wall_seconds: 3600 } as const;
/** Preparation reads the tokenizer, the template and the configuration, not the weights. */
const WEIGHTS = /\.(safetensors|bin|pt|gguf)$/;

/** What other domains ask of datasets: versions, holds on them, and preparations. */
@Injectable()
export class DatasetsService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly catalog: CatalogService,
    private readonly compute: ComputeService,
  ) {}

  async createDataset(
    tx: Transaction,
    input: { projectId: string; name: string; description?: string },
  ): Promise<Dataset> {
    const dataset = this.newDataset(tx, input.projectId, assertDatasetName(input.name), input.description);
    if (!(await insertDataset(tx, dataset))) {
      throw DATASET_ERRORS.DATASET_NAME_TAKEN({ name: dataset.name }, { path: ['name'] });
    }
    return dataset;
  }

  /** A file without a dataset of its own becomes a version of the dataset named after it. */
  async datasetNamed(tx: Transaction, projectId: string, name: string): Promise<Dataset> {
    const dataset = this.newDataset(tx, projectId, assertDatasetName(name));
    return (await insertDataset(tx, dataset)) ? dataset : (await findDatasetByName(tx, projectId, dataset.name))!;
  }

  async getDataset(tx: Transaction, id: string): Promise<Dataset> {
    const [dataset] = await findDatasets(tx, [id]);
    if (!dataset) throw DATASET_ERRORS.DATASET_NOT_FOUND({ id });
    return dataset;
  }

  /** A version whose bytes are there; tombstones and expired ones are not. */
  async getVersion(tx: Transaction, id: string): Promise<DatasetVersion> {
    return this.present(await findVersions(tx, [id]), id);
  }

  /** Results that the platform wrote, as a file: `fine-tune-results` of OpenAI's jobs. Gives its id. */
  async registerResult(tx: Transaction, { projectId, filename, objectKey, bytes, sha256 }: RegisterResult) {
    const id = newId('file');
    await insertVersion(tx, {
      id,
      projectId,
      datasetId: null,
      filename,
      purpose: 'fine-tune-results',
      bytes,
      sha256,
      contentEncoding: 'identity',
      objectKey,
      status: 'ready',
      createdAt: this.clock.now(),
      createdBy: tx.scope.actor.id,
      expiresAt: null,
      deletedAt: null,
      deletedBy: null,
      purgedAt: null,
    });
    return id;
  }

  /** Keeps versions from being deleted until `release`. */
  async hold(tx: Transaction, versionIds: readonly string[], holderId: string): Promise<void> {
    const locked = await lockVersions(tx, versionIds);
    for (const id of versionIds) {
      this.present(
        locked.filter((version) => version.id === id),
        id,
      );
      await insertHold(tx, id, holderId, this.clock.now());
    }
  }

  /** Letting go of what is not held is no error. */
  release(tx: Transaction, holderId: string): Promise<void> {
    return deleteHolds(tx, holderId);
  }

  /** Leaves a tombstone with the hash; the bytes, and what was prepared from them, are removed by the worker. */
  async deleteVersion(tx: Transaction, id: string): Promise<DatasetVersion> {
    const version = this.present(await lockVersions(tx, [id]), id, { expired: true });
    const holders = await holdersOf(tx, id);
    if (holders.length > 0) throw DATASET_ERRORS.FILE_IN_USE({ holders: holders.join(', ') });
    return this.bury(tx, version, null);
  }

  /** The same by a clause of a contract, of which whoever asks for the file is told. False while something reads it, and once it is gone. */
  async removeVersion(tx: Transaction, id: string, removal: Removal): Promise<boolean> {
    const [version] = await lockVersions(tx, [id]);
    if (version?.status !== 'ready' || (await holdersOf(tx, id)).length > 0) return false;
    await this.bury(tx, version, removal);
    return true;
  }

  /**
   * What training on these files with this checkpoint reads. It is made once for each tokenizer, template and policy: who asks
   * again gets the same, whatever checkpoint they name. While it is pending, `datasets.preparation.ended` tells its end.
   */
  async ensurePrepared(tx: Transaction, input: EnsurePrepared): Promise<Preparation> {
    const checkpoint = await this.usableCheckpoint(tx, input);
    const versionIds = [input.versionId, ...(input.validationVersionId ? [input.validationVersionId] : [])];
    const locked = await lockVersions(tx, versionIds);
    const versions = versionIds.map((id) => this.trainable(locked, id));
    const { preparation, isNew } = await claimPreparation(tx, {
      id: newId('prep'),
      projectId: versions[0]!.projectId,
      versionId: input.versionId,
      validationVersionId: input.validationVersionId ?? null,
      checkpointId: checkpoint.baseCheckpointId,
      tokenizerSha256: checkpoint.tokenizerSha256,
      templateSha256: checkpoint.templateSha256,
      policy: input.policy,
      status: 'pending',
      computeJobId: null,
      submissions: 0,
      output: null,
      report: null,
      error: null,
      createdAt: this.clock.now(),
      endedAt: null,
    });
    if (!isNew && preparation.status !== 'failed') return preparation;
    for (const version of versions) await insertHold(tx, version.id, preparation.id, this.clock.now());
    const computeJobId = await this.submit(tx, preparation, versions);
    await setComputeJob(tx, preparation, computeJobId);
    return { ...preparation, status: 'pending', computeJobId, error: null, endedAt: null };
  }

  /** The same without making anything: null while nobody has asked for it. */
  async findPrepared(tx: Transaction, input: EnsurePrepared): Promise<Preparation | null> {
    const { tokenizerSha256, templateSha256 } = await this.usableCheckpoint(tx, input);
    const { versionId, validationVersionId = null, policy } = input;
    return findPreparation(tx, { versionId, validationVersionId, tokenizerSha256, templateSha256, policy });
  }

  async getPreparation(tx: Transaction, id: string): Promise<Preparation> {
    const [preparation] = await findPreparations(tx, [id]);
    if (!preparation) throw DATASET_ERRORS.PREPARATION_NOT_FOUND({ id });
    return preparation;
  }

  private async usableCheckpoint(
    tx: Transaction,
    { checkpointId, policy }: EnsurePrepared,
  ): Promise<PublishedCheckpoint> {
    const checkpoint = await this.catalog.getUsable(tx, checkpointId);
    const { contextLength } = checkpoint;
    if (policy.max_tokens > contextLength) {
      throw DATASET_ERRORS.PREPARATION_MAX_TOKENS_INVALID({ contextLength }, { path: ['policy', 'maxTokens'] });
    }
    await this.catalog.assertMay(tx, 'fine_tune', checkpoint);
    return checkpoint;
  }

  private async submit(
    tx: Transaction,
    preparation: Preparation,
    [training, validation]: DatasetVersion[],
  ): Promise<string> {
    const base = await this.catalog.files(tx, preparation.checkpointId, 'weights');
    return this.compute.submit(tx, {
      kind: 'prepare',
      ownerId: preparation.id,
      projectId: preparation.projectId,
      parameters: { policy: preparation.policy },
      inputs: [
        { name: 'base', files: base.filter((file) => !WEIGHTS.test(file.path)) },
        { name: 'dataset', files: [inputFile(training!)] },
        ...(validation ? [{ name: 'validation' as const, files: [inputFile(validation)] }] : []),
      ],
      outputPrefix: `${preparationPrefix(tx.scope.organizationId, preparation.id)}${preparation.submissions + 1}/`,
      limits: PREPARATION_LIMITS,
      maxAttempts: PREPARATION_ATTEMPTS,
    });
  }

  private trainable(versions: readonly DatasetVersion[], id: string): DatasetVersion {
    const version = this.present(
      versions.filter((candidate) => candidate.id === id),
      id,
    );
    if (version.purpose !== 'fine-tune') throw DATASET_ERRORS.FILE_PURPOSE_MISMATCH({ purpose: version.purpose });
    return version;
  }

  private present([version]: readonly DatasetVersion[], id: string, allow = { expired: false }): DatasetVersion {
    if (version?.removal) throw contentRemoved(id, version.removal);
    const expired = version?.expiresAt && version.expiresAt <= this.clock.now() && !allow.expired;
    if (version?.status !== 'ready' || expired) throw DATASET_ERRORS.FILE_NOT_FOUND({ id });
    return version;
  }

  private async bury(tx: Transaction, version: DatasetVersion, removal: Removal | null): Promise<DatasetVersion> {
    const { id } = version;
    const now = this.clock.now();
    await buryVersion(tx, id, now, removal);
    tx.publish({ type: 'datasets.version.deleted', payload: { versionId: id } });
    return { ...version, status: 'deleted', deletedAt: now, deletedBy: tx.scope.actor.id, removal };
  }

  private newDataset(tx: Transaction, projectId: string, name: string, description = ''): Dataset {
    return {
      id: newId('ds'),
      projectId,
      name,
      description,
      createdAt: this.clock.now(),
      createdBy: tx.scope.actor.id,
    };
  }
}

/** The name says how the bytes are to be read; the sender's file name may say anything. */
function inputFile(version: DatasetVersion) {
  const path = version.contentEncoding === 'gzip' ? 'data.jsonl.gz' : 'data.jsonl';
  return { path, key: version.objectKey, bytes: version.bytes, sha256: version.sha256 };
}
