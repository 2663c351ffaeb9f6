import { graphql, type ResultOf } from '../../api';

export const LineageFamilies = graphql(`
  query LineageFamilies {
    modelFamilies(first: 50) {
      nodes { id name displayName description license }
    }
  }
`);

const LineageCheckpoint = graphql(`
  fragment LineageCheckpoint on Checkpoint {
    id
    name
    kind
    status
    step
    tokensSeen
    loss
    parent { id }
    trainingRun { id name stage }
    evaluations { name metric value higherIsBetter }
    allowedActions
  }
`);

/** What the lab published of a family, in the order of training. */
export const LineagePublished = graphql(
  `
    query LineagePublished($familyId: ID!, $after: String) {
      checkpoints(familyId: $familyId, kinds: [BASE], own: false, orderBy: STEP, first: 100, after: $after) {
        nodes { ...LineageCheckpoint }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [LineageCheckpoint],
);

/** What one's own organization made of it. */
export const LineageVariants = graphql(
  `
    query LineageVariants($familyId: ID!, $projectId: ID, $after: String) {
      checkpoints(
        familyId: $familyId
        projectId: $projectId
        kinds: [ADAPTER, MERGED]
        own: true
        orderBy: NEWEST
        first: 100
        after: $after
      ) {
        nodes { ...LineageCheckpoint }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [LineageCheckpoint],
);

export const LineagePicked = graphql(`
  query LineagePicked($model: String!) {
    checkpoint(model: $model) {
      id
      name
      kind
      status
      step
      tokensSeen
      loss
      license
      contextLength
      parameterCount
      publishedAt
      allowedActions
      parent { id name }
      modelCard { summary }
      evaluations { id name metric value higherIsBetter standardError examples source }
      samples { prompt output source }
      prices { meter perUnits price { currency nanos } }
    }
  }
`);

export type LineagePoint = ResultOf<typeof LineageCheckpoint>;
export type PickedCheckpoint = NonNullable<ResultOf<typeof LineagePicked>['checkpoint']>;
