/** What the page can be asked for; kept in its address. */
export const SPANS_DAYS = [7, 30, 90, 365] as const;
export const SPLITS = ['MODEL', 'API_KEY', 'PROJECT', 'JOB', 'KIND'] as const;
export type Split = (typeof SPLITS)[number];
export const MEASURES = ['cost', 'tokens'] as const;
export type Measure = (typeof MEASURES)[number];
