export const COMPUTE_JOBS_SETTINGS = Symbol('ComputeJobsSettings');

export interface ComputeJobsSettings {
  /** Origin of the api's internal listener, as trainers reach it. */
  apiUrl: string;
  /** Ask running attempts to save and stop when this process ends; otherwise they run on and are found again. */
  stopJobsAtEnd: boolean;
  /** From the request to save and stop until the process is ended by force. */
  stopGraceSeconds: number;
  /** The same after a cancel, when there is nothing to save. */
  cancelGraceSeconds: number;
  /** The same when this process ends with its jobs. Whoever supervises it must wait longer. */
  endPatienceSeconds: number;
}

export const DEFAULT_GRACE = { stopGraceSeconds: 300, cancelGraceSeconds: 10, endPatienceSeconds: 20 } as const;
