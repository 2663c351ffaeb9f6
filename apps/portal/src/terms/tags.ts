import { z } from '../api/schema';

/** What the api takes for a region or an export classification. */
const TAG = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/;
const PROBLEM = 'at most 40 letters, digits and . _ / -';

/** Words of the lab's own, separated by commas. */
export const tagsOf = (text: string): string[] => text.split(',').flatMap((word) => word.trim() || []);

/** Any number of them, each once. */
export const tagsField = z
  .string()
  .refine((text) => tagsOf(text).every((tag) => TAG.test(tag)), `Words of ${PROBLEM}, separated by commas.`)
  .refine((text) => new Set(tagsOf(text)).size === tagsOf(text).length, 'One is named twice.');

/** One, or nothing. */
export const tagField = z
  .string()
  .trim()
  .refine((text) => text === '' || TAG.test(text), `A word of ${PROBLEM}.`);
