import { z } from 'zod';
import { defineMessage } from './define.js';

export const CATALOG_MESSAGES = {
  /** The lab says that all files are stored: read them through once, and publish the checkpoint or say what is wrong. */
  'catalog.checkpoint.verifying': defineMessage(1, z.strictObject({ checkpointId: z.string() })),
} as const;
