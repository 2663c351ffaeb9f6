import { z } from 'zod';
import { defineMessage } from './define.js';

export const CATALOG_MESSAGES = {
  /** The lab says that all files are stored: read them through once, and publish the checkpoint or say what is wrong. */
  'catalog.checkpoint.verifying': defineMessage(1, z.strictObject({ checkpointId: z.string() })),
  /** A draft is gone, and nobody can upload to it any more: remove its bytes. */
  'catalog.draft.discarded': defineMessage(1, z.strictObject({ checkpointId: z.string() })),
  /** A variant says that its owner deleted it, and nothing begins to read it any more: remove its bytes. */
  'catalog.variant.deleted': defineMessage(1, z.strictObject({ checkpointId: z.string() })),
} as const;
