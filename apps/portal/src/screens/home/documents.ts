import { graphql, type ResultOf } from '../../api';

export const HomeJobs = graphql(`
  query HomeJobs($projectId: ID) {
    fineTuneJobs(projectId: $projectId, first: 6) {
      nodes {
        id
        status
        suffix
        outputName
        createdAt
        parent { id name }
        trainingFile { id filename }
        progress { stage step totalSteps secondsLeft }
        error { code }
      }
    }
  }
`);
export type HomeJob = ResultOf<typeof HomeJobs>['fineTuneJobs']['nodes'][number];

export const HomeFamilies = graphql(`
  query HomeFamilies {
    modelFamilies(first: 4) {
      nodes { id name displayName description }
    }
    newest: checkpoints(kinds: [BASE], own: false, orderBy: NEWEST, statuses: [PUBLISHED], first: 5) {
      nodes { id name tokensSeen loss publishedAt family { id } }
    }
  }
`);
export type HomeFamily = ResultOf<typeof HomeFamilies>['modelFamilies']['nodes'][number];
export type HomeCheckpoint = ResultOf<typeof HomeFamilies>['newest']['nodes'][number];
