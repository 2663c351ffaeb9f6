import { expect, test } from '@jest/globals';
import type { ComputeUpdate } from '#libs/compute/graphql';
import type { FineTuneJob } from '#libs/fine-tuning';
import { JobFollower } from './job-follower.js';

test('what jobs before it took counts from its start, also for who followed it while it was queued', async () => {
  const queued = { computeJobId: 'cjob_1', status: 'queued', startedAt: null, recordedTrainingSeconds: null };
  let job = queued as FineTuneJob;
  const progress = (step: number) => ({
    sequence: step,
    state: 'running',
    events: [],
    metrics: [],
    progress: { step },
  });
  async function* updates() {
    yield progress(1) as unknown as ComputeUpdate;
    job = { ...job, status: 'running', startedAt: new Date(0), recordedTrainingSeconds: 100 };
    yield progress(2) as unknown as ComputeUpdate;
  }
  const follower = new JobFollower({ after: 0, read: async () => job, follow: () => updates() });
  expect((await follower.next()).value.progress).toEqual({ step: 1, recordedTrainingSeconds: null });
  expect((await follower.next()).value.progress).toEqual({ step: 2, recordedTrainingSeconds: 100 });
  await follower.return();
});
