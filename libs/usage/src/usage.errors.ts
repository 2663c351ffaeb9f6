import { defineErrors } from '#libs/kernel';

export const USAGE_ERRORS = defineErrors('usage', {
  USAGE_RECORDED_OTHERWISE: {
    status: 409,
    message: (p: { sourceId: string; recorded: number; given: number }) =>
      `Usage of ${p.sourceId} is already recorded as ${p.recorded} tokens and can't become ${p.given}: usage is recorded once.`,
  },
  USAGE_RANGE_INVALID: {
    status: 400,
    message: (p: { maximumDays: number }) =>
      `Give a range of time that ends after it begins and spans at most ${p.maximumDays} days.`,
  },
  USAGE_SUMMARY_TOO_LARGE: {
    status: 400,
    message: (p: { maximumRows: number }) =>
      `The summary has more than ${p.maximumRows} rows: choose a shorter range, one project, or fewer dimensions to group by.`,
  },
  USAGE_CURRENCIES_MIXED: {
    status: 400,
    message: (p: { currencies: string }) =>
      `What was used in this range is priced in ${p.currencies}, which have no sum: choose a range that ends where the contract of another currency begins.`,
  },
  USAGE_OF_OTHER_ORGANIZATION: {
    status: 403,
    message: 'Only the lab may read the usage of another organization: leave `organizationId` out.',
  },
  USAGE_INTAKE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'Usage cannot be recorded at the moment, so nothing is served. Try again shortly.',
  },
});
