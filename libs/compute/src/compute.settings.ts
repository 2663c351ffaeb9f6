/** An attempt that is silent for this long is cut off. Its process's death is seen at once; this is for one that hangs. */
export const LEASE_SECONDS = 300;

/** Longest silence that a trainer is told to keep. */
export const HEARTBEAT_SECONDS = 10;
