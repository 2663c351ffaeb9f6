import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CLOCK, type Clock, sha256Hex } from '#libs/kernel';
import { Database } from '#platform/database';
import { Every } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { ENGINE_ERRORS } from '../deployments.errors.js';

const Tokenizer = z.looseObject({
  added_tokens: z.array(z.looseObject({ content: z.string().min(1), special: z.boolean() })).default([]),
});
const LARGEST_TOKENIZER_BYTES = 64 * 1024 ** 2;
const TOKENIZERS_PER_RUN = 10;

export const SPECIAL_TOKENS_SCHEDULE = 'deployments.special-tokens';

/** The tokens of a tokenizer.json that a prompt must not spell out, since they would end a turn or begin another's. */
export function specialTokens(tokenizerJson: string): string[] {
  const { added_tokens } = Tokenizer.parse(JSON.parse(tokenizerJson));
  return added_tokens.filter((token) => token.special).map((token) => token.content);
}

/** Reads the special tokens of tokenizers that were published, once for each content, for the gateway's routes. */
@Injectable()
export class SpecialTokensReader {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Every('10s', SPECIAL_TOKENS_SCHEDULE)
  async readNew(_signal: AbortSignal): Promise<void> {
    const unread = await this.database.as('reconciler', (tx) =>
      tx.query<{ sha256: string; checkpoint: string; key: string }>(
        `SELECT DISTINCT ON (c.tokenizer_sha256) c.tokenizer_sha256 AS sha256, c.id AS checkpoint, file.object_key AS key
         FROM checkpoints c
         JOIN checkpoint_files file ON file.checkpoint_id = c.id AND file.path = 'tokenizer.json' AND file.sha256 = c.tokenizer_sha256
         WHERE c.status = 'published' AND c.kind <> 'adapter'
           AND NOT EXISTS (SELECT 1 FROM tokenizer_tokens t WHERE t.tokenizer_sha256 = c.tokenizer_sha256)
         ORDER BY c.tokenizer_sha256 LIMIT $1`,
        [TOKENIZERS_PER_RUN],
      ),
    );
    for (const { sha256, checkpoint, key } of unread) {
      const text = await this.store.getText(key, { limitBytes: LARGEST_TOKENIZER_BYTES });
      if (sha256Hex(text) !== sha256) throw ENGINE_ERRORS.ENGINE_FILE_CORRUPT({ checkpoint, path: 'tokenizer.json' });
      await this.database.as('reconciler', (tx) =>
        tx.query(
          `INSERT INTO tokenizer_tokens (tokenizer_sha256, special_tokens, read_at) VALUES ($1, $2, $3)
           ON CONFLICT (tokenizer_sha256) DO NOTHING`,
          [sha256, specialTokens(text), this.clock.now()],
        ),
      );
    }
  }
}
