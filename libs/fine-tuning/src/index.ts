export * from './fine-tune-job.state.js';
export * from './fine-tuning.errors.js';
export * from './hyperparameters.js';
export * from './plan.js';
