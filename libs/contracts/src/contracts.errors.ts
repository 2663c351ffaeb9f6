import { defineErrors } from '#libs/kernel';

export const CONTRACTS_ERRORS = defineErrors('contracts', {
  NOT_ENTITLED: {
    status: 403,
    message: (p: { verb: string; subject: string; reason: string; clause: string | null; action: string }) =>
      `Your organization may not ${p.verb} ${p.subject}: ${p.reason}${p.clause ? ` (${p.clause})` : ''}. Ask the lab for an entitlement with the action ${p.action}.`,
  },
  ENTITLEMENT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No entitlement ${p.id} that you granted: list them with the query entitlements.`,
  },
  ENTITLEMENT_REVOKED: {
    status: 409,
    message: (p: { id: string; revokedAt: string }) => `The entitlement ${p.id} was revoked at ${p.revokedAt} already.`,
  },
  ENTITLEMENT_SUBJECT_INVALID: {
    status: 400,
    message: 'An entitlement is for one family or for one checkpoint: give familyId or checkpointId, not both.',
  },
  ENTITLEMENT_SUBJECT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No published ${p.id} of your organization: only what it owns can be granted.`,
  },
  ENTITLEMENT_GRANTEE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No partner organization ${p.id}: entitlements are granted to partners.`,
  },
  ENTITLEMENT_PERIOD_INVALID: {
    status: 400,
    message: 'validTo must lie after validFrom; leave it out for an open end.',
  },
  RATE_CARD_NOT_FOUND: { status: 404, message: (p: { id: string }) => `No rate card ${p.id} of your organization.` },
  RATE_CARD_PUBLISHED: {
    status: 409,
    message: (p: { id: string }) =>
      `The rate card ${p.id} is published, and published prices never change: draft a new card with a later effectiveFrom.`,
  },
  RATE_CARD_RETROACTIVE: {
    status: 400,
    message: (p: { effectiveFrom: string; now: string }) =>
      `Prices can't change for a time that is past: effectiveFrom ${p.effectiveFrom} lies before ${p.now}. Leave it out for prices from now on.`,
  },
  RATE_CARD_TIME_TAKEN: {
    status: 409,
    message: (p: { effectiveFrom: string }) =>
      `Another card for the same customer takes effect at ${p.effectiveFrom}: choose another time.`,
  },
  RATE_CARD_LINES_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The lines of the rate card can't be used: ${p.problem}.`,
  },
  NO_PRICE: {
    status: 409,
    message: (p: { meter: string; at: string; clause: string }) =>
      `There is no price for ${p.meter} of this checkpoint at ${p.at}, since ${p.clause}. Nothing is free by accident: ask the lab to set one.`,
  },
  RESERVATION_NOT_FOUND: { status: 404, message: (p: { id: string }) => `No reservation ${p.id}.` },
  RESERVATION_ENDED: {
    status: 409,
    message: (p: { id: string; status: string }) => `The reservation ${p.id} is ${p.status}; it ends once.`,
  },
  RESERVATION_DIFFERS: {
    status: 409,
    message: (p: { ownerId: string }) => `${p.ownerId} has reserved another amount already.`,
  },
});
