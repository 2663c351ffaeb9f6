import { graphql, type ResultOf } from '../api';

/** A run as it stands in a list: the same on every screen that lists some. */
export const ListedEvaluationRun = graphql(`
  fragment ListedEvaluationRun on EvaluationRun {
    id
    status
    checkpointName
    createdAt
    checkpoint { id parent { id } base { id } }
    suite { id name metric }
    progress { stage step totalSteps }
    score { metric examples score standardError }
    failure { code message }
    cost { currency nanos }
  }
`);

export type ListedRun = ResultOf<typeof ListedEvaluationRun>;
export type RunStatusName = ListedRun['status'];
export type Metric = NonNullable<ListedRun['suite']>['metric'];
