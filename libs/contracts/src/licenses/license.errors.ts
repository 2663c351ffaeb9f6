import { defineErrors } from '#libs/kernel';

export const LICENSE_ERRORS = defineErrors('contracts', {
  LICENSE_NOT_ACCEPTED: {
    status: 403,
    message: (p: { subject: string; name: string; version: number; requiredFrom: string; id: string }) =>
      `${p.subject} stands under the licence ${p.name}, whose version ${p.version} holds since ${p.requiredFrom} and was not accepted for your organization. A partner admin reads and accepts it: see the query outstandingLicenses and the mutation acceptLicense (${p.id}).`,
  },
  LICENSE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No licence ${p.id}: list them with the query licenses.`,
  },
  LICENSE_DIFFERS: {
    status: 409,
    message: (p: { id: string; sha256: string }) =>
      `The text of ${p.id} has the SHA-256 ${p.sha256}, not the one given: read the text again, then accept what it says.`,
  },
  LICENSE_SUPERSEDED: {
    status: 409,
    message: (p: { name: string; version: number; inForceId: string; inForceVersion: number }) =>
      `Version ${p.version} of ${p.name} no longer holds: accept version ${p.inForceVersion} (${p.inForceId}).`,
  },
  LICENSE_DATE_INVALID: {
    status: 400,
    message: (p: { requiredFrom: string; earliest: string }) =>
      `A version takes effect neither in the past nor before the one it follows: requiredFrom ${p.requiredFrom} lies before ${p.earliest}.`,
  },
  LICENSE_VERSION_TAKEN: {
    status: 409,
    message: (p: { name: string }) =>
      `Another version of ${p.name} was published meanwhile: look at it, then publish again.`,
  },
});
