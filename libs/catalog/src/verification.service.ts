import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { ObjectStore, STORAGE_ERRORS } from '#platform/storage';
import { type Architecture, architectureSha256, readArchitecture } from './architecture.js';
import type { PublicationProblem, StoredCheckpointFile } from './checkpoint.js';
import { findCheckpoints, lockOwnCheckpoint } from './checkpoint.repository.js';
import { filesOf, markVerified } from './checkpoint-files.repository.js';
import {
  CONFIG_FILE,
  isSafetensors,
  LARGEST_CONFIG_BYTES,
  TEMPLATE_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
} from './manifest.js';
import { readSafetensors } from './safetensors.js';

/** What the files themselves say: never taken from whoever publishes. */
interface CheckpointFacts {
  architecture: Architecture;
  tokenizerSha256: string;
  templateSha256: string | null;
  parameterCount: number;
}

/**
 * Reads every byte of a checkpoint once, in bounded memory, and publishes it if all is as declared. It bears being stopped and
 * run again: a verified file is not read twice, and what is published stays as it is.
 */
@Injectable()
export class VerificationService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly database: Database,
    private readonly store: ObjectStore,
  ) {}

  async verify(scope: Scope, checkpointId: string): Promise<void> {
    const files = await this.database.read(scope, async (tx) => {
      const [checkpoint] = await findCheckpoints(tx, [checkpointId]);
      return checkpoint?.status === 'verifying' ? (await filesOf(tx, [checkpointId]))[0] : undefined;
    });
    if (!files) return;
    const problems: PublicationProblem[] = [];
    for (const file of files) {
      const problem = file.verifiedAt ? null : await this.verifyFile(scope, file);
      if (problem) problems.push({ path: file.path, problem });
    }
    const facts = problems.length > 0 ? problems : await this.readFacts(files);
    await this.finish(scope, checkpointId, facts);
  }

  private async verifyFile(scope: Scope, file: StoredCheckpointFile): Promise<string | null> {
    const stored = await this.store.digest(file.key).catch((error: unknown) => {
      if (isAbsent(error, file.key)) return null;
      throw error;
    });
    if (!stored) return 'was not uploaded';
    if (stored.bytes !== file.bytes) return `has ${stored.bytes} bytes; ${file.bytes} were declared`;
    if (stored.sha256 !== file.sha256) return `has the SHA-256 ${stored.sha256}; ${file.sha256} was declared`;
    await this.database.transaction(scope, (tx) => markVerified(tx, file, this.clock.now()));
    return null;
  }

  private async readFacts(files: readonly StoredCheckpointFile[]): Promise<CheckpointFacts | PublicationProblem[]> {
    const weights = files.filter((file) => file.part === 'weights');
    const problems: PublicationProblem[] = [];
    const read = readArchitecture(await this.textOf(weights, CONFIG_FILE));
    if ('problem' in read) problems.push({ path: CONFIG_FILE, ...read });
    const template = weights.find((file) => file.path === TEMPLATE_FILE);
    if (!template && (await this.hidesTemplate(weights)))
      problems.push({
        path: TOKENIZER_CONFIG_FILE,
        problem: `holds a chat template: store it as ${TEMPLATE_FILE}, so that it has a hash of its own`,
      });
    let parameterCount = 0;
    for (const file of weights.filter(({ path }) => isSafetensors(path))) {
      const tensors = await readSafetensors(this.store, file.key, file.bytes);
      if ('problem' in tensors) problems.push({ path: file.path, ...tensors });
      else parameterCount += tensors.parameters;
    }
    if (parameterCount === 0 && problems.length === 0)
      problems.push({ path: weights.find(({ path }) => isSafetensors(path))!.path, problem: 'holds no tensors' });
    if (problems.length > 0 || 'problem' in read) return problems;
    const tokenizer = weights.find((file) => file.path === TOKENIZER_FILE) as StoredCheckpointFile;
    return {
      architecture: read.architecture,
      tokenizerSha256: tokenizer.sha256,
      templateSha256: template?.sha256 ?? null,
      parameterCount,
    };
  }

  /** transformers also finds a template inside the tokenizer's configuration; there its hash would be that of much else. */
  private async hidesTemplate(weights: readonly StoredCheckpointFile[]): Promise<boolean> {
    const text = await this.textOf(weights, TOKENIZER_CONFIG_FILE);
    return /"chat_template"\s*:/.test(text);
  }

  private async textOf(files: readonly StoredCheckpointFile[], path: string): Promise<string> {
    const file = files.find((candidate) => candidate.path === path);
    return file ? this.store.getText(file.key, { limitBytes: LARGEST_CONFIG_BYTES }) : '';
  }

  private async finish(
    scope: Scope,
    checkpointId: string,
    outcome: CheckpointFacts | PublicationProblem[],
  ): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const checkpoint = await lockOwnCheckpoint(tx, checkpointId);
      if (checkpoint?.status !== 'verifying') return;
      if (Array.isArray(outcome)) {
        await tx.query(
          `UPDATE checkpoints SET status = 'draft', publication_problems = $2
           WHERE id = $1 AND organization_id = :organization`,
          [checkpointId, JSON.stringify(outcome)],
        );
        return;
      }
      const { architecture, tokenizerSha256, templateSha256, parameterCount } = outcome;
      await tx.query(
        `UPDATE checkpoints SET status = 'published', published_at = $2, tokenizer_sha256 = $3, template_sha256 = $4,
           architecture_sha256 = $5, architecture = $6, context_length = $7, parameter_count = $8
         WHERE id = $1 AND organization_id = :organization`,
        [
          checkpointId,
          this.clock.now(),
          tokenizerSha256,
          templateSha256,
          architectureSha256(architecture),
          JSON.stringify(architecture),
          architecture.contextLength,
          parameterCount,
        ],
      );
    });
  }
}

function isAbsent(error: unknown, key: string): boolean {
  return (error as { code?: string }).code === STORAGE_ERRORS.OBJECT_NOT_FOUND({ key }).code;
}
