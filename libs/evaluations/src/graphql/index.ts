export * from './evaluations-graphql.module.js';
export { EvaluationRunConnection, EvaluationRunType } from './runs.types.js';
export { EvaluationSuiteConnection, EvaluationSuiteType } from './suites.types.js';
