import { defineErrors } from '#libs/kernel';

export const LISTING_ERRORS = defineErrors('contracts', {
  LISTING_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) =>
      `No listing ${p.id}: list yours with the query ownListings, those offered to you with listings.`,
  },
  LISTING_VARIANT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) =>
      `No variant ${p.id} of your organization: a listing offers a checkpoint that your own fine-tunes made.`,
  },
  LISTING_LICENSE_FORBIDS: {
    status: 403,
    message: (p: { checkpoint: string; name: string; version: number | null }) =>
      p.version === null
        ? `${p.checkpoint} can't be offered: its base stands under the licence ${p.name}, of which no version is in force that allows it. Ask the lab to publish one.`
        : `${p.checkpoint} can't be offered: version ${p.version} of the licence ${p.name}, under which its base stands, does not allow offering variants to others.`,
  },
  LISTING_AUDIENCE_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The audience can't be used: ${p.problem}.`,
  },
  LISTING_PRICES_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The prices can't be used: ${p.problem}.`,
  },
  LISTING_NOT_EDITABLE: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `The listing ${p.id} is ${p.state}, and only drafts and rejected ones are changed: for another price or other terms withdraw it and create another.`,
  },
  LISTING_STATE: {
    status: 409,
    message: (p: { id: string; state: string; action: string }) =>
      `The listing ${p.id} is ${p.state}, so that it can't be ${p.action}.`,
  },
  LISTING_ENDED: {
    status: 403,
    message: (p: { model: string; id: string; title: string; endedAt: string; reason: string | null }) =>
      `${p.model} was offered by the listing ${p.id}, ${p.title}, which ${p.reason === null ? 'its publisher withdrew' : 'the lab took down'} at ${p.endedAt}${p.reason === null ? '' : ` (${p.reason})`}: nothing new can begin by it.`,
  },
  LISTING_CHECKPOINT_LISTED: {
    status: 409,
    message: (p: { checkpointId: string; listingId: string }) =>
      `${p.checkpointId} is listed by ${p.listingId} already: its publisher withdraws that one first.`,
  },
  LISTING_TERMS_CHANGED: {
    status: 409,
    message: (p: { id: string; sha256: string }) =>
      `The terms of ${p.id} have the SHA-256 ${p.sha256}, not the one given: read them again, then approve what they say.`,
  },
});
