import { defineErrors } from '#libs/kernel';

export const AUDIT_ERRORS = defineErrors('audit', {
  VERIFICATION_START_INCOMPLETE: {
    status: 400,
    message:
      'Give both `afterSequence` and `afterSha256` (an earlier verification told them), or neither to begin at the start.',
  },
});
