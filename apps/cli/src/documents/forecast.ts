import { defineOperation } from '#libs/client';
import { AMOUNT, type Amount } from './shared.js';

export interface ContractForecast {
  contract: { id: string; name: string } | null;
  asOf: string;
  observedFrom: string;
  expectedDue: Amount;
  periods: Array<{ period: number; from: string; to: string; knownDue: Amount; expectedDue: Amount }>;
  commitments: Array<{
    commitmentId: string;
    kind: string;
    to: string;
    amount: Amount;
    consumed: Amount;
    expected: Amount;
  }>;
}

export const FORECAST = defineOperation<{ contractForecast: ContractForecast | null }, { contractId: string }>(
  `query($contractId: ID!) { contractForecast(contractId: $contractId) {
    contract { id name } asOf observedFrom expectedDue ${AMOUNT}
    periods { period from to knownDue ${AMOUNT} expectedDue ${AMOUNT} }
    commitments { commitmentId kind to amount ${AMOUNT} consumed ${AMOUNT} expected ${AMOUNT} } } }`,
);
