import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { CatalogService } from './catalog.service.js';
import type { Checkpoint } from './checkpoint.js';
import { filesOf } from './checkpoint-files.repository.js';
import type { CheckpointFile, CheckpointPart } from './manifest.js';

/** A request for one file's bytes that whoever holds it may send, until it expires. */
export interface FileTransfer extends CheckpointFile {
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
    const [files = []] = await filesOf(tx, [checkpoint.id], part);
    return Promise.all(
      files.map(async ({ key, path, bytes, sha256 }) => {
        const filename = path.slice(path.lastIndexOf('/') + 1);
        const { url, headers } = await this.store.presignGet(key, { expiresInSeconds: TRANSFER_SECONDS, filename });
        return { path, part, bytes, sha256, url, headers };
      }),
    );
  }

  /** What of a draft is still to be stored. The signature covers size and hash: other bytes are refused. */
  async uploads(tx: Transaction, draft: Checkpoint): Promise<FileTransfer[]> {
    if (draft.status !== 'draft' || draft.organizationId !== tx.scope.organizationId) return [];
    const [files = []] = await filesOf(tx, [draft.id]);
    return Promise.all(
      files
        .filter((file) => !file.verifiedAt)
        .map(async ({ key, path, part, bytes, sha256 }) => {
          const body = { bytes, sha256 };
          const { url, headers } = await this.store.presignPut(key, body, { expiresInSeconds: TRANSFER_SECONDS });
          return { path, part, bytes, sha256, url, headers };
        }),
    );
  }
}
