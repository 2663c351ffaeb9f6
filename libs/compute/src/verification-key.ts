/**
 * Verifications of a job are handled one after another, so that its owner hears of a checkpoint before it hears of the end.
 * Apart from what the owner is told (under the job's id): an owner whose handler fails holds up nothing but itself.
 */
export const verificationKey = (jobId: string): string => `verify ${jobId}`;
