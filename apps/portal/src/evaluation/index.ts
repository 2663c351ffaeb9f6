export { ListedEvaluationRun, type ListedRun, type Metric } from './documents';
export { formatDifference, formatScore, formatStandardError, gainOf, isJudged, METRICS } from './metrics';
export { RunScore } from './run-score';
export { isUnderWay, progressText, RunStatus, shareDone } from './run-status';
