import { JobSpec, TRAINER_SCHEMA_VERSION } from '#libs/messages';
import type { ComputeJob, InputFile, ResumePoint } from './compute-job.js';

export interface AttemptParts {
  id: string;
  number: number;
  resume: ResumePoint | null;
}

export interface TrainerSettings {
  /** Origin of the internal listener, as the trainer reaches it. */
  apiUrl: string;
  heartbeatSeconds: number;
}

/** What an attempt is told to do. Throws where the parts don't make a spec that the trainer would take. */
export function composeSpec(
  job: Pick<ComputeJob, 'id' | 'kind' | 'parameters' | 'inputs' | 'limits'>,
  attempt: AttemptParts,
  settings: TrainerSettings,
): JobSpec {
  const inputs = Object.fromEntries(job.inputs.map(({ name, files }) => [name, files.map(withoutKey)]));
  if (attempt.resume) inputs.resume = attempt.resume.files.map(withoutKey);
  return JobSpec.parse({
    schema_version: TRAINER_SCHEMA_VERSION,
    job_id: job.id,
    attempt_id: attempt.id,
    attempt: attempt.number,
    api_url: settings.apiUrl,
    heartbeat_seconds: settings.heartbeatSeconds,
    limits: job.limits,
    kind: job.kind,
    inputs,
    parameters: job.parameters,
  });
}

/** The trainer names files by input and path; keys are ours. */
function withoutKey({ path, bytes, sha256 }: InputFile): Omit<InputFile, 'key'> {
  return { path, bytes, sha256 };
}
