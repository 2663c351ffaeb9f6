import { Platform1700000000010 } from './010-platform.js';

/** In the order of their numbers. */
export const MIGRATIONS = [Platform1700000000010];
