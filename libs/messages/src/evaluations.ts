import { z } from 'zod';
import { defineMessage } from './define.js';

export const EVALUATION_MESSAGES = {
  /** The rows of a new suite are to be brought into the form that evaluations read. */
  'evaluations.suite.created': defineMessage(1, z.strictObject({ suiteId: z.string() })),
} as const;
