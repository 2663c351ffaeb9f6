import { Platform1700000000010 } from './010-platform.js';
import { Identity1700000000020 } from './020-identity.js';
import { Audit1700000000025 } from './025-audit.js';

/** In the order of their numbers. */
export const MIGRATIONS = [Platform1700000000010, Identity1700000000020, Audit1700000000025];
