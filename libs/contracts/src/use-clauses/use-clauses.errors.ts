import { defineErrors } from '#libs/kernel';

export const USE_CLAUSE_ERRORS = defineErrors('contracts', {
  EXPORT_NOT_CLEARED: {
    status: 403,
    message: (p: { subject: string; classification: string; clause: string }) =>
      `${p.subject} has the export classification ${p.classification}, for which your organization is not cleared: ${p.clause}. The lab can amend the contract.`,
  },
  REGION_NOT_ALLOWED: {
    status: 403,
    message: (p: { subject: string; region: string | null; regions: readonly string[]; clause: string }) =>
      `${p.subject} may be in ${p.regions.join(', ')} alone (${p.clause}), and this platform is in ${p.region ?? 'a region that its operator does not name: see FORKPOINT_REGION'}.`,
  },
});
