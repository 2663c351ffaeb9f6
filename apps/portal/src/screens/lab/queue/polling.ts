/** No subscription tells of other organizations' work. */
export const POLL_MILLISECONDS = 3_000;
