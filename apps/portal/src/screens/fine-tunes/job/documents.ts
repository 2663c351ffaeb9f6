import { graphql, type ResultOf } from '../../../api';

const JobState = graphql(`
  fragment JobState on FineTuneJob {
    id
    status
    startedAt
    finishedAt
    estimatedSeconds
    estimatedFinishAt
    plannedSteps
    plannedTokens
    trainedTokens
    outputName
    cost { currency nanos }
    hardCap { currency nanos }
    error { code message param }
    progress { stage step tokens totalSteps secondsLeft }
    checkpoint { id name }
    attempts { number startedAt endedAt outcome resumedFromStep }
  }
`);
export type JobState = ResultOf<typeof JobState>;

export const JobPage = graphql(
  `
    query JobPage($id: ID!) {
      node(id: $id) {
        ... on FineTuneJob {
          ...JobState
          queuePosition
          createdAt
          suffix
          seed
          method
          recipe
          requested
          parent { id name }
          trainingFile { id filename dataset { id } }
          validationFile { id filename }
          preparation { id status report { rows { train validation } } }
        }
      }
    }
  `,
  [JobState],
);
export type Job = Extract<NonNullable<ResultOf<typeof JobPage>['node']>, { status: unknown }>;

export const JobUpdates = graphql(
  `
    subscription JobUpdates($id: ID!, $after: Int) {
      fineTuneJobUpdates(fineTuneJobId: $id, after: $after) {
        sequence
        fineTuneJob { ...JobState }
        progress { stage step tokens totalSteps secondsLeft }
        events { id sequence type level message createdAt attempt }
        metrics { sequence name step value attempt }
      }
    }
  `,
  [JobState],
);
export type JobUpdate = ResultOf<typeof JobUpdates>['fineTuneJobUpdates'];
export type JobEvent = JobUpdate['events'][number];
export type MetricPoint = JobUpdate['metrics'][number];

/** The curves so far, thinned to what can be drawn. The feed goes on from `sequence`. */
export const JobHistory = graphql(`
  query JobHistory($id: ID!) {
    node(id: $id) {
      ... on FineTuneJob {
        id
        curves(buckets: 1000) {
          sequence
          curves { name pointCount steps values }
        }
      }
    }
  }
`);

/** Oldest first, by pages. */
export const JobEventsPage = graphql(`
  query JobEventsPage($id: ID!, $after: Int!) {
    node(id: $id) {
      ... on FineTuneJob {
        id
        events(first: 400, after: $after) { id sequence type level message createdAt attempt }
      }
    }
  }
`);
export const EVENTS_PAGE_ROWS = 400;

/** A part of the curves, for who looks closer. */
export const JobCurvesPart = graphql(`
  query JobCurvesPart($id: ID!, $from: Int!, $to: Int!) {
    node(id: $id) {
      ... on FineTuneJob {
        id
        curves(buckets: 1000, fromStep: $from, toStep: $to) {
          curves { name pointCount steps values }
        }
      }
    }
  }
`);

/** The variant and what was saved on the way to it, whose names begin with the variant's. */
export const JobCheckpoints = graphql(`
  query JobCheckpoints($prefix: String!) {
    checkpoints(namePrefix: $prefix, own: true, orderBy: STEP, first: 100) {
      nodes { id name step loss createdAt allowedActions }
    }
  }
`);
export type JobCheckpoint = ResultOf<typeof JobCheckpoints>['checkpoints']['nodes'][number];

export const JobLog = graphql(`
  query JobLog($id: ID!, $attempt: Int!, $offset: Int!) {
    node(id: $id) {
      ... on FineTuneJob {
        id
        log(attempt: $attempt, offset: $offset) { attempt offset nextOffset complete text }
      }
    }
  }
`);

export const CancelJob = graphql(
  `
    mutation CancelJob($input: FineTuneJobInput!) {
      cancelFineTuneJob(input: $input) {
        fineTuneJob { ...JobState }
        userErrors { code message path }
      }
    }
  `,
  [JobState],
);

export const PauseJob = graphql(
  `
    mutation PauseJob($input: FineTuneJobInput!) {
      pauseFineTuneJob(input: $input) {
        fineTuneJob { ...JobState }
        userErrors { code message path }
      }
    }
  `,
  [JobState],
);

export const ResumeJob = graphql(
  `
    mutation ResumeJob($input: FineTuneJobInput!) {
      resumeFineTuneJob(input: $input) {
        fineTuneJob { ...JobState }
        userErrors { code message path }
      }
    }
  `,
  [JobState],
);
