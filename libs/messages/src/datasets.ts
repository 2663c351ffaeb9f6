import { z } from 'zod';
import { defineMessage } from './define.js';

export const DATASET_MESSAGES = {
  /** The sender of the bytes says that all are there: verify them and make the dataset version. */
  'datasets.upload.completing': defineMessage(1, z.strictObject({ uploadId: z.string() })),
  /** Remove what was stored for the upload and is not its version's own: all of it, when it came to nothing. */
  'datasets.upload.ended': defineMessage(1, z.strictObject({ uploadId: z.string() })),
  /** The version is a tombstone now: remove its bytes and what was prepared from them. */
  'datasets.version.deleted': defineMessage(1, z.strictObject({ versionId: z.string() })),
  /** invalid: the data is at fault and the report says where; failed: the data is not known to be at fault. */
  'datasets.preparation.ended': defineMessage(
    1,
    z.strictObject({
      preparationId: z.string(),
      versionId: z.string(),
      validationVersionId: z.string().nullable(),
      outcome: z.enum(['ready', 'invalid', 'failed']),
    }),
  ),
} as const;
