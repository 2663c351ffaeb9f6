export * from './fine-tune-job.js';
export {
  findJobs,
  type JobFilter,
  jobsWaitingFor,
  listJobs,
  listJobsAfter,
  listJobsFrom,
  liveJobsBefore,
  lockJob,
  markJobsRemoved,
} from './fine-tune-job.repository.js';
export * from './fine-tune-job.state.js';
export * from './fine-tune-request.js';
export * from './fine-tuning.errors.js';
export * from './fine-tuning.module.js';
export * from './fine-tuning.service.js';
export { estimateFinish, type JobProgress, progressOfJob, secondsLeft } from './finish-estimate.js';
export * from './hyperparameters.js';
export * from './plan.js';
export * from './planner.js';
