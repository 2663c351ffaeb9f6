import { defineErrors } from '#libs/kernel';

export const CONTRACT_ERRORS = defineErrors('contracts', {
  CONTRACT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No contract ${p.id}: list those of your organization with the query contracts.`,
  },
  CONTRACT_VERSION_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No contract version ${p.id}: list those of a contract with its field versions.`,
  },
  CONTRACT_PARTNER_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No partner organization ${p.id}: contracts are made with partners.`,
  },
  CONTRACT_TERM_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The term of the contract can't be used: ${p.problem}.`,
  },
  CONTRACT_TERMS_INVALID: {
    status: 400,
    message: (p: { place: string; problem: string }) => `The terms can't be used: ${p.place}: ${p.problem}.`,
  },
  CONTRACT_FRAME_FIXED: {
    status: 409,
    message: (p: { id: string }) =>
      `The name, dates, days of grace and purchase order of ${p.id} are fixed since a version of it was offered: abandon it and draft a new contract to change them.`,
  },
  CONTRACT_EFFECTIVE_RETROACTIVE: {
    status: 400,
    message: (p: { effectiveFrom: string; now: string }) =>
      `Prices never change for a time that is past: ${p.effectiveFrom} lies before ${p.now}. Choose a later time, or none, so that they hold from acceptance on.`,
  },
  CONTRACT_EFFECTIVE_OUTSIDE_TERM: {
    status: 400,
    message: (p: { effectiveFrom: string; endsAt: string }) =>
      `A version takes effect within the term: ${p.effectiveFrom} does not lie before its end at ${p.endsAt}.`,
  },
  CONTRACT_EFFECTIVE_NOT_LATER: {
    status: 409,
    message: (p: { effectiveFrom: string; earlier: string }) =>
      `A version that was accepted takes effect at ${p.earlier}, and ${p.effectiveFrom} does not lie after that: choose a later time.`,
  },
  CONTRACT_EFFECTIVE_WITH_START: {
    status: 400,
    message: (p: { startsAt: string | null }) =>
      `The first version takes effect when the contract starts (${p.startsAt ?? 'on acceptance'}): leave effectiveFrom out.`,
  },
  CONTRACT_VERSION_NOT_DRAFT: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `The version ${p.id} is ${p.state}, and only drafts can be revised: return it for work, or make a further version with amendContract.`,
  },
  CONTRACT_VERSION_OPEN: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `The contract has the version ${p.id}, which is ${p.state}: revise, withdraw or decide it first.`,
  },
  CONTRACT_VERSIONS_EXHAUSTED: {
    status: 409,
    message: (p: { limit: number }) => `A contract has at most ${p.limit} versions: draft a new contract.`,
  },
  CONTRACT_ABANDONED: {
    status: 409,
    message: (p: { id: string }) => `The contract ${p.id} was abandoned: draft a new one.`,
  },
  CONTRACT_START_PASSED: {
    status: 409,
    message: (p: { id: string; startsAt: string }) =>
      `The contract ${p.id} was to start at ${p.startsAt}, which is past, and its dates are fixed since it was offered: abandon it and draft a new one.`,
  },
  CONTRACT_ENDED: {
    status: 409,
    message: (p: { id: string; endsAt: string }) => `The contract ${p.id} ended at ${p.endsAt}: draft a new one.`,
  },
  CONTRACT_NOT_IN_FORCE: {
    status: 409,
    message: (p: { id: string }) =>
      `The contract ${p.id} is not in force now, and only such a contract can be suspended: see its state, startsAt and endsAt.`,
  },
  CONTRACT_SUSPENDED: {
    status: 409,
    message: (p: { id: string }) =>
      `The contract ${p.id} is suspended already: resume it first to suspend it for another reason.`,
  },
  CONTRACT_NOT_SUSPENDED: {
    status: 409,
    message: (p: { id: string }) => `The contract ${p.id} is not suspended: there is nothing to resume.`,
  },
  CONTRACT_FOUR_EYES: {
    status: 403,
    message:
      'Whoever drafted, revised or submitted a version can not approve it: ask another person with the permission contracts:approve.',
  },
  CONTRACT_DOCUMENT_CHANGED: {
    status: 409,
    message: (p: { given: string; current: string }) =>
      `The document has changed: you read the one with the SHA-256 ${p.given}, and it is ${p.current} now. Read it again, then sign that one.`,
  },
  CONTRACT_OFFER_LAPSED: {
    status: 409,
    message: (p: { reason: string }) =>
      `The offer can't be accepted any more, since ${p.reason}, and prices never change for a time that is past. Ask the lab to withdraw it and to offer a version (before the first acceptance: a contract) that takes effect later, or on acceptance.`,
  },
});
