import { type FragmentOf, graphql } from '../../../api';

const ProgrammeLineFields = graphql(`
  fragment ProgrammeLineFields on ProgrammeLine {
    checkpointId
    checkpoint { id name tokensSeen }
    partners
    fineTuneJobs
    evaluationRuns
    requests
    revenue { currency nanos }
    trainingRevenue { currency nanos }
    evaluationRevenue { currency nanos }
    inferenceRevenue { currency nanos }
    storageRevenue { currency nanos }
    clusterHours
    margin { currency nanos }
    marginPerHour { currency nanos }
  }
`);
export type ProgrammeLine = FragmentOf<typeof ProgrammeLineFields>;

export const ProgrammePage = graphql(
  `
    query ProgrammePage($from: DateTime!, $to: DateTime!, $currency: Currency!, $hourCostNanos: BigInt) {
      programme(from: $from, to: $to, currency: $currency, hourCostNanos: $hourCostNanos) {
        lines { ...ProgrammeLineFields }
        total { ...ProgrammeLineFields }
      }
    }
  `,
  [ProgrammeLineFields],
);
