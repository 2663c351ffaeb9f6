import { type DomainError, defineErrors } from '#libs/kernel';
import type { ServiceStopSourceKind, StoppableService } from './service-stop.js';

export const SERVICE_STOP_ERRORS = defineErrors('contracts', {
  SERVICE_STOPPED: {
    status: 402,
    message: (p: { service: string; subjectId: string; reason: string; clause: string; remedy: string }) =>
      `${p.service} of ${p.subjectId} is stopped: ${p.reason} (${p.clause}). ${p.remedy}`,
  },
});

const SERVICE_TEXT: Record<StoppableService, string> = { new_work: 'New work', inference: 'Inference' };

const REMEDY: Record<ServiceStopSourceKind, string> = {
  suspension: 'What runs goes on; ask the lab to resume the contract.',
  dunning: 'It goes on as soon as what is overdue is paid: see the query serviceState.',
  spend_cap: 'Raise the cap, or wait until its next period begins: see the query spendCaps.',
};

interface Refused {
  subjectId: string;
  sourceKind: ServiceStopSourceKind;
  reason: string;
  clause: string;
}

/** The same refusal wherever it is met: before a job begins, and at the gateway. */
export function serviceStopped(
  service: StoppableService,
  { subjectId, sourceKind, reason, clause }: Refused,
): DomainError {
  return SERVICE_STOP_ERRORS.SERVICE_STOPPED({
    service: SERVICE_TEXT[service],
    subjectId,
    reason,
    clause,
    remedy: REMEDY[sourceKind],
  });
}
