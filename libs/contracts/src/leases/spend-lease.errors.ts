import { defineErrors } from '#libs/kernel';

export const SPEND_LEASE_ERRORS = defineErrors('contracts', {
  GATEWAY_TOKEN_INVALID: {
    status: 401,
    message: 'Only the gateway takes leases: give it the same GATEWAY_TOKEN as the api.',
  },
  LEASE_REQUEST_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `This is no request for a lease: ${p.problem}.`,
  },
});
