import { defineErrors } from '#libs/kernel';

export const DEPLOYMENT_ERRORS = defineErrors('deployments', {
  DEPLOYMENT_NOT_FOUND: {
    status: 404,
    message: ({ deployment }: { deployment: string }) =>
      `There is no deployment ${deployment} that you may see: list those of your project with \`deployments\`.`,
  },
  REVISION_NOT_FOUND: {
    status: 404,
    message: ({ revisionId }: { revisionId: string }) =>
      `${revisionId} is no revision of this deployment: list them with \`deployment { revisions }\`.`,
  },
  DEPLOYMENT_SLUG_INVALID: {
    status: 400,
    message: 'A slug has 1 to 63 characters, lower-case letters, digits and inner hyphens, such as `ada-to-rust`.',
  },
  DEPLOYMENT_SLUG_TAKEN: {
    status: 409,
    message: ({ slug }: { slug: string }) =>
      `The project has a deployment \`${slug}\`: deploy a revision to it, choose another slug, or delete it first.`,
  },
  TOO_MANY_DEPLOYMENTS: {
    status: 409,
    message: ({ limit }: { limit: number }) => `A project has at most ${limit} deployments: delete one first.`,
  },
  TOKENIZER_DIFFERS: {
    status: 422,
    message: ({ checkpoint, base }: { checkpoint: string; base: string }) =>
      `${checkpoint} was trained with another tokenizer than its base ${base} is served with: its answers would differ from its evaluations, so it is not deployed.`,
  },
  TEMPLATE_DIFFERS: {
    status: 422,
    message: ({ checkpoint, base }: { checkpoint: string; base: string }) =>
      `${checkpoint} was trained with another chat template than its base ${base} is served with: its answers would differ from its evaluations, so it is not deployed.`,
  },
  REVISION_IS_ACTIVE: {
    status: 409,
    message: ({ revisionId }: { revisionId: string }) => `${revisionId} answers already: there is nothing to switch.`,
  },
  NO_EARLIER_REVISION: {
    status: 409,
    message: 'No other revision answered before this one: name the revision to go to with `activateRevision`.',
  },
});

/** Why an engine or an adapter is not there; told to operators, and to callers who wait for it. */
export const ENGINE_ERRORS = defineErrors('engine', {
  ENGINE_FILES_MISSING: {
    status: 500,
    message: ({ checkpoint, missing }: { checkpoint: string; missing: string }) =>
      `Checkpoint ${checkpoint} can't be served: its manifest has no ${missing}.`,
  },
  ENGINE_FILE_CORRUPT: {
    status: 500,
    retryable: true,
    message: ({ checkpoint, path }: { checkpoint: string; path: string }) =>
      `${path} of checkpoint ${checkpoint} differs from the SHA-256 in its manifest: the stored object must be restored.`,
  },
  ENGINE_CONTENT_DIFFERS: {
    status: 500,
    message: ({ checkpoint, part }: { checkpoint: string; part: string }) =>
      `The ${part} of checkpoint ${checkpoint} is not the one frozen in it: it is not served.`,
  },
  ENGINE_NOT_STARTED: {
    status: 503,
    retryable: true,
    message: ({ reason, log }: { reason: string; log: string }) =>
      `The engine did not start: ${reason}. Its log: ${log}`,
  },
  ENGINE_UNREACHABLE: {
    status: 503,
    retryable: true,
    message: ({ url, reason }: { url: string; reason: string }) => `The engine at ${url} does not answer: ${reason}.`,
  },
  ENGINE_REFUSED: {
    status: 502,
    message: ({ action, status, reason }: { action: string; status: number; reason: string }) =>
      `The engine refused to ${action} (${status}): ${reason}`,
  },
  ENGINE_PORTS_TAKEN: {
    status: 503,
    retryable: true,
    message: ({ first, last }: { first: number; last: number }) =>
      `Every port from ${first} to ${last} is taken: free one, or widen ENGINE_PORT_COUNT.`,
  },
});
