import { z } from 'zod';
import { defineMessage } from './define.js';

export const CONTRACT_MESSAGES = {
  /** What is held and spent of a spend cap of this organization reached one of its thresholds, for the first time in its window. */
  'contracts.cap_threshold_reached': defineMessage(1, z.strictObject({ alertId: z.string(), capId: z.string() })),
  /** A service of this organization is refused from now on, for the reason that the stop gives. */
  'contracts.service_stopped': defineMessage(1, z.strictObject({ stopId: z.string(), organizationId: z.string() })),
  /** A stop of this organization was lifted; others may hold still. */
  'contracts.service_restored': defineMessage(1, z.strictObject({ stopId: z.string(), organizationId: z.string() })),
} as const;
