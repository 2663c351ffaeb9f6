import { Injectable } from '@nestjs/common';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { UploadVerifier } from '../upload-verifier.js';

@Injectable()
export class UploadHandlers {
  constructor(private readonly verifier: UploadVerifier) {}

  /** Reads the whole file: two at a time leave the network to others. */
  @HandlesMessage('datasets.upload.completing', { concurrency: 2 })
  verify(message: Message<'datasets.upload.completing'>, scope: Scope): Promise<void> {
    return this.verifier.verify(scope, message.payload.uploadId);
  }
}
