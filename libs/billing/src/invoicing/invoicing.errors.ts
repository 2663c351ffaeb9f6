import { defineErrors } from '#libs/kernel';

export const INVOICING_ERRORS = defineErrors('billing', {
  HISTORY_INVALID: {
    status: 400,
    message: (p: { place: string; problem: string }) => `The history can't be invoiced: ${p.place}: ${p.problem}.`,
  },
});
