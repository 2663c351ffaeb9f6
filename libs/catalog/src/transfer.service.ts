import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { CatalogService } from './catalog.service.js';
import { assertFilesThere, type StoredCheckpointFile } from './checkpoint.js';
import { findCheckpoints } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import type { CheckpointFile, CheckpointPart } from './manifest.js';

/** A request for one file's bytes that whoever holds it may send, until it expires. */
export interface FileTransfer extends CheckpointFile {
  method: 'GET' | 'PUT';
  url: string;
  headers: Record<string, string>;
}

export const TRANSFER_SECONDS = 3600;

const ACTION = { weights: 'download_weights', optimizer: 'download_optimizer_state' } as const;

/** Bytes of checkpoints by presigned requests: they never pass through our processes. */
@Injectable()
export class TransferService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly store: ObjectStore,
  ) {}

  /** Needs an entitlement of its own for each part: weights, optimizer state. */
  async downloads(tx: Transaction, model: string, part: CheckpointPart): Promise<FileTransfer[]> {
    const checkpoint = await this.catalog.getVisible(tx, model);
    await this.catalog.assertMay(tx, ACTION[part], checkpoint);
    assertFilesThere(checkpoint);
    const [files = []] = await filesOf(tx, [checkpoint.id], part);
    return Promise.all(
      files.map(async ({ key, path, bytes, sha256 }) => {
        const filename = path.slice(path.lastIndexOf('/') + 1);
        const request = await this.store.presignGet(key, { expiresInSeconds: TRANSFER_SECONDS, filename });
        return { path, part, bytes, sha256, ...request };
      }),
    );
  }

  /** What of each of several own drafts is still to be stored. The signature covers size and hash: other bytes are refused. */
  async uploads(tx: Transaction, checkpointIds: readonly string[]): Promise<FileTransfer[][]> {
    const checkpoints = await findCheckpoints(tx, checkpointIds);
    const files = await filesOf(tx, checkpointIds);
    return Promise.all(
      checkpointIds.map((id, position) => {
        const checkpoint = checkpoints.find((candidate) => candidate.id === id);
        const mayUpload = checkpoint?.status === 'draft' && checkpoint.organizationId === tx.scope.organizationId;
        const missing = mayUpload ? (files[position] ?? []).filter((file) => !file.verifiedAt) : [];
        return Promise.all(missing.map((file) => this.upload(file)));
      }),
    );
  }

  private async upload({ key, path, part, bytes, sha256 }: StoredCheckpointFile): Promise<FileTransfer> {
    const request = await this.store.presignPut(key, { bytes, sha256 }, { expiresInSeconds: TRANSFER_SECONDS });
    return { path, part, bytes, sha256, ...request };
  }
}
