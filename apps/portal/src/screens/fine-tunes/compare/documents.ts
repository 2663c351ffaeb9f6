import { graphql, type ResultOf } from '../../../api';

/** As many points as twenty curves over each other can show. */
export const CompareJobs = graphql(`
  query CompareJobs($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on FineTuneJob {
        id
        status
        suffix
        outputName
        startedAt
        finishedAt
        method
        seed
        recipe
        trainedTokens
        cost { currency nanos }
        parent { id name }
        trainingFile { id filename }
        validationFile { id filename }
        checkpoint { id name }
        curves(buckets: 200) {
          curves { name pointCount steps values }
        }
      }
    }
  }
`);
export type ComparedJob = Extract<NonNullable<ResultOf<typeof CompareJobs>['nodes'][number]>, { status: unknown }>;
export type Curve = ComparedJob['curves']['curves'][number];

/** A part of one metric's curves, for who looks closer. */
export const CompareCurvesPart = graphql(`
  query CompareCurvesPart($ids: [ID!]!, $names: [String!]!, $from: Int!, $to: Int!) {
    nodes(ids: $ids) {
      ... on FineTuneJob {
        id
        curves(buckets: 200, names: $names, fromStep: $from, toStep: $to) {
          curves { name pointCount steps values }
        }
      }
    }
  }
`);

export const CompareEvaluations = graphql(`
  query CompareEvaluations($checkpointId: ID!) {
    evaluationRuns(checkpointId: $checkpointId, first: 50) {
      nodes {
        id
        status
        createdAt
        suite { id name }
        score { metric score examples }
      }
    }
  }
`);
export type ComparedRun = ResultOf<typeof CompareEvaluations>['evaluationRuns']['nodes'][number];
