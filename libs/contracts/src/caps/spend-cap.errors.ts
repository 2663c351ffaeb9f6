import { defineErrors } from '#libs/kernel';

interface ExceededParameters {
  capId: string;
  subject: string;
  limit: string;
  spent: string;
  held: string;
  left: string;
  asked: string;
  clause: string;
  remedy: string;
}

export const SPEND_CAP_ERRORS = defineErrors('contracts', {
  SPEND_CAP_EXCEEDED: {
    status: 402,
    message: (p: ExceededParameters) =>
      `The spend cap ${p.capId} of ${p.limit} on ${p.subject}${p.clause} has ${p.left} left (${p.spent} spent, ${p.held} held by what is under way), and this may cost ${p.asked}. ${p.remedy}`,
  },
  SPEND_CAP_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) =>
      `No spend cap ${p.id} in force that your side has set: list them with the query spendCaps.`,
  },
  SPEND_CAP_OF_LAB: {
    status: 403,
    message: (p: { id: string; clause: string; contractId: string }) =>
      `The spend cap ${p.id} is the lab's, by the clause "${p.clause}" of the contract ${p.contractId}: agree with the lab to change it.`,
  },
  SPEND_CAP_ABOVE_LAB: {
    status: 409,
    message: (p: { id: string; limit: string; clause: string; contractId: string }) =>
      `The lab's cap ${p.id} on the same is ${p.limit}, by the clause "${p.clause}" of the contract ${p.contractId}: set yours at most as high.`,
  },
  SPEND_CAP_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The spend cap can't be set: ${p.problem}.`,
  },
  SPEND_CAP_SUBJECT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No project or API key ${p.id} of the organization that the cap is for.`,
  },
});
