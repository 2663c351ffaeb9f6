import { newId } from '#libs/kernel';
import { PERIOD } from './crawl.fixture.js';
import type { Things } from './tenant.fixture.js';

/** What comes of asking for another tenant's things: the code of the refusal, or null, or nothing but the caller's own. */
export type Outcome = string;

export interface Attempt {
  /** Arguments that name things of another tenant, and of the caller where both are needed. */
  arguments: (theirs: Things, own: Things) => object;
  outcome: Outcome;
}

const attempt = (outcome: Outcome, args: Attempt['arguments']): Attempt => ({ outcome, arguments: args });
const ofProject = (outcome: Outcome) => attempt(outcome, ({ proj }) => ({ projectId: proj }));
/** It names nothing: the crawl shows that there is nothing of others in it. */
const NAMES_NOTHING = [attempt('own', () => ({}))];

/** What only the lab may ask for at all. */
const FOR_LAB = [attempt('FORBIDDEN', () => ({}))];

const STATEMENT = { account: 'UNBILLED_TRAINING', currency: 'USD', ...PERIOD };

/** Every field of Query, as a caller asks who knows another tenant's ids and names. */
export const QUERIES: Record<string, Attempt[]> = {
  apiKeys: [ofProject('empty')],
  auditLog: [
    attempt('empty', ({ user }) => ({ actorId: user })),
    attempt('empty', ({ ftjob }) => ({ targetId: ftjob })),
  ],
  auditVerification: NAMES_NOTHING,
  billingExports: [attempt('own', () => ({ kind: 'USAGE' })), attempt('empty', () => ({ kind: 'JOURNAL' }))],
  checkpoint: [attempt('null', ({ ckpt }) => ({ model: ckpt })), attempt('null', (t) => ({ model: t.variantName }))],
  checkpoints: [
    ofProject('empty'),
    attempt('empty', ({ ckpt }) => ({ baseCheckpointId: ckpt })),
    attempt('empty', ({ variantName }) => ({ namePrefix: variantName.slice(0, -6) })),
  ],
  clusterAttempts: FOR_LAB,
  clusterEngines: FOR_LAB,
  clusterJobs: FOR_LAB,
  clusterLoad: FOR_LAB,
  compareEvaluationRuns: [
    attempt('EVALUATION_RUN_NOT_FOUND', (t, own) => ({ baselineId: own.evalrun, candidateId: t.evalrun })),
    attempt('EVALUATION_RUN_NOT_FOUND', (t, own) => ({ baselineId: t.evalrun, candidateId: own.evalrun })),
  ],
  contracts: [attempt('empty', ({ org }) => ({ organizationId: org }))],
  creditNotes: [
    attempt('empty', ({ org }) => ({ organizationId: org })),
    attempt('empty', ({ finalInv }) => ({ invoiceId: finalInv })),
  ],
  creditGrants: [attempt('empty', ({ ctr }) => ({ contractId: ctr }))],
  datasetVersions: [ofProject('empty')],
  datasets: [ofProject('empty')],
  deployment: [
    attempt('null', ({ dep }) => ({ name: dep })),
    attempt('null', ({ deploymentName }) => ({ name: deploymentName })),
  ],
  deployments: [ofProject('empty')],
  enginePool: FOR_LAB,
  entitlements: [attempt('empty', ({ org }) => ({ organizationId: org }))],
  evaluationRuns: [ofProject('empty'), attempt('empty', ({ ckpt }) => ({ checkpointId: ckpt }))],
  evaluationSuites: [ofProject('empty')],
  fineTuneJobs: [ofProject('empty'), attempt('CHECKPOINT_NOT_FOUND', ({ variantName }) => ({ model: variantName }))],
  fineTuneQuote: [
    attempt('FILE_NOT_FOUND', (t, own) => quote(own, { trainingFileId: t.file })),
    attempt('FILE_NOT_FOUND', (t, own) => quote(own, { validationFileId: t.file })),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => quote(own, { model: t.ckpt })),
    attempt('PROJECT_NOT_FOUND', (t, own) => quote(own, { projectId: t.proj })),
  ],
  contractForecast: [attempt('null', ({ ctr }) => ({ contractId: ctr }))],
  invoiceDisputes: [
    attempt('empty', ({ org }) => ({ organizationId: org })),
    attempt('empty', ({ finalInv }) => ({ invoiceId: finalInv })),
  ],
  invoiceLineUsage: [
    attempt('INVOICE_NOT_FOUND', ({ finalInv }) => ({ invoiceId: finalInv, lineId: `${finalInv}.1` })),
  ],
  invoicePreview: [attempt('null', ({ ctr }) => ({ contractId: ctr }))],
  invoices: [
    attempt('empty', ({ org }) => ({ organizationId: org })),
    attempt('empty', ({ ctr }) => ({ contractId: ctr })),
  ],
  licenseAcceptances: [attempt('empty', ({ org }) => ({ organizationId: org }))],
  licenses: NAMES_NOTHING,
  listingImpact: [attempt('FORBIDDEN', ({ lst }) => ({ listingId: lst }))],
  // Theirs is not listed.
  listings: [attempt('empty', () => ({}))],
  ledgerAccounts: [attempt('LEDGER_OF_OTHER_ORGANIZATION', ({ org }) => ({ organizationId: org }))],
  ledgerStatement: [attempt('LEDGER_OF_OTHER_ORGANIZATION', ({ org }) => ({ ...STATEMENT, organizationId: org }))],
  me: NAMES_NOTHING,
  members: NAMES_NOTHING,
  modelFamilies: NAMES_NOTHING,
  node: [
    attempt('null', ({ ds }) => ({ id: ds })),
    attempt('null', ({ ctr }) => ({ id: ctr })),
    attempt('null', ({ cver }) => ({ id: cver })),
    attempt('null', ({ cgr }) => ({ id: cgr })),
    attempt('null', ({ inv }) => ({ id: inv })),
    attempt('null', ({ cap }) => ({ id: cap })),
    attempt('null', ({ calert }) => ({ id: calert })),
    attempt('null', ({ cnote }) => ({ id: cnote })),
    attempt('null', ({ disp }) => ({ id: disp })),
    attempt('null', ({ exp }) => ({ id: exp })),
    attempt('null', ({ lacc }) => ({ id: lacc })),
    attempt('null', ({ lst }) => ({ id: lst })),
    attempt('null', ({ pout }) => ({ id: pout })),
  ],
  nodes: [attempt('null', (t) => ({ ids: [t.ds, t.ftjob, t.dep] }))],
  organization: NAMES_NOTHING,
  // They have accepted what there is.
  ownListings: NAMES_NOTHING,
  outstandingLicenses: [attempt('null', () => ({}))],
  organizations: FOR_LAB,
  partnerListings: FOR_LAB,
  programme: [attempt('FORBIDDEN', () => PERIOD)],
  projects: NAMES_NOTHING,
  publisherBalances: NAMES_NOTHING,
  publisherPayouts: [attempt('empty', ({ org }) => ({ organizationId: org }))],
  rateCards: NAMES_NOTHING,
  receivablesAgeing: NAMES_NOTHING,
  retirementImpact: [attempt('FORBIDDEN', ({ ckpt }) => ({ checkpointId: ckpt }))],
  serviceAccounts: NAMES_NOTHING,
  serviceState: [attempt('null', ({ org }) => ({ organizationId: org }))],
  servingStatus: [
    attempt('CHECKPOINT_NOT_FOUND', ({ ckpt }) => ({ checkpoint: ckpt })),
    attempt('CHECKPOINT_NOT_FOUND', ({ variantName }) => ({ checkpoint: variantName })),
  ],
  spendCapAlerts: [
    attempt('empty', ({ org }) => ({ organizationId: org })),
    attempt('empty', ({ cap }) => ({ spendCapId: cap })),
  ],
  spendCaps: [
    attempt('empty', ({ org }) => ({ organizationId: org })),
    attempt('empty', ({ proj }) => ({ projectId: proj })),
  ],
  // The base of this test lies in no run.
  trainingRuns: [attempt('empty', () => ({}))],
  usageEvents: [ofProject('empty'), attempt('empty', ({ variantName }) => ({ model: variantName }))],
  usageSummary: [
    attempt('USAGE_OF_OTHER_ORGANIZATION', ({ org }) => ({ ...PERIOD, organizationId: org })),
    attempt('empty', ({ proj }) => ({ ...PERIOD, projectId: proj })),
  ],
  variantHolds: [attempt('CHECKPOINT_NOT_FOUND', ({ ckpt }) => ({ checkpointId: ckpt }))],
  webhookDeliveries: [attempt('empty', ({ whe }) => ({ endpointId: whe }))],
  webhookEndpoints: NAMES_NOTHING,
};

const MODEL_CARD = { summary: 's', trainingData: 't', intendedUse: 'i', limitations: 'l' };
const sha256 = 'a'.repeat(64);
const quote = (own: Things, change: object) => ({
  input: { projectId: own.proj, model: own.ckpt, trainingFileId: own.file, ...change },
});
const suite = (own: Things, change: object) => ({
  projectId: own.proj,
  name: 'spy',
  metric: 'EXACT_MATCH',
  rows: [{ prompt: 'p', expected: 'e' }],
  ...change,
});
/** Only the lab may do it at all, so that the refusal says nothing of what was named. */
const forLab = (args: Attempt['arguments']) => attempt('FORBIDDEN', args);
const contractTerms = { prices: [] };
const spendCap = (change: object) => ({ limitNanos: '1', currency: 'USD', period: 'TOTAL', ...change });
const signing = (contractVersionId: string) => {
  return { contractVersionId, documentSha256: sha256, signatoryName: 'Spy', signatoryTitle: 's' };
};
const ofUpload = [attempt('UPLOAD_NOT_FOUND', ({ upl }) => ({ uploadId: upl }))];
const ofJob = [attempt('FINE_TUNE_JOB_NOT_FOUND', ({ pendingJob }) => ({ fineTuneJobId: pendingJob }))];
const ofDeployment = [attempt('DEPLOYMENT_NOT_FOUND', ({ dep }) => ({ deploymentId: dep }))];
const ofWebhookEndpoint = [attempt('WEBHOOK_ENDPOINT_NOT_FOUND', ({ whe }) => ({ endpointId: whe }))];
const ofListing = [attempt('LISTING_NOT_FOUND', ({ lst }) => ({ listingId: lst }))];
const offer = (checkpointId: string) => {
  const prices = ['INPUT_TOKENS', 'OUTPUT_TOKENS'].map((meter) => ({ meter, priceNanos: '1', perUnits: '1' }));
  return { checkpointId, title: 'spy', summary: 's', currency: 'USD', prices, terms: 't' };
};
const ofMember = [attempt('MEMBER_NOT_FOUND', ({ mem }) => ({ memberId: mem }))];
const spy = { email: 'spy@spies.example', displayName: 'Spy', role: 'PARTNER_ENGINEER' };
const spyKey = { name: 'spy', scopes: ['JOBS_READ'] };

/** The input of every mutation, without its idempotency key, from somebody who may do it to what is their own. */
export const MUTATIONS: Record<string, Attempt[]> = {
  abandonContract: [forLab(({ ctr }) => ({ contractId: ctr, reason: 'r' }))],
  abortUpload: ofUpload,
  acceptLicense: [attempt('LICENSE_NOT_FOUND', ({ lacc }) => ({ licenseId: lacc, sha256 }))],
  acceptContractVersion: [attempt('CONTRACT_VERSION_NOT_FOUND', ({ cver }) => signing(cver))],
  activateRevision: [
    attempt('DEPLOYMENT_NOT_FOUND', (t) => ({ deploymentId: t.dep, revisionId: t.rev })),
    attempt('REVISION_NOT_FOUND', (t, own) => ({ deploymentId: own.dep, revisionId: t.rev })),
  ],
  addMember: [attempt('PROJECT_NOT_FOUND', ({ proj }) => ({ ...spy, projectIds: [proj] }))],
  amendContract: [forLab(({ ctr }) => ({ contractId: ctr, summary: 's', terms: contractTerms }))],
  approveListing: [forLab(({ lst }) => ({ listingId: lst, termsSha256: sha256, publisherShareBasisPoints: 1 }))],
  attachEvaluations: [
    forLab(({ ckpt }) => ({
      checkpointId: ckpt,
      evaluations: [{ name: 'n', metric: 'm', value: 1, source: 's' }],
    })),
  ],
  attachSamples: [forLab(({ ckpt }) => ({ checkpointId: ckpt, samples: [{ prompt: 'p', output: 'o', source: 's' }] }))],
  beginUpload: [
    attempt('DATASET_NOT_FOUND', ({ ds }) => ({ datasetId: ds, filename: 'spy.jsonl', bytes: '1', sha256 })),
  ],
  cancelEvaluationRun: [attempt('EVALUATION_RUN_NOT_FOUND', ({ evalrun }) => ({ runId: evalrun }))],
  cancelFineTuneJob: ofJob,
  changeMemberRole: [attempt('MEMBER_NOT_FOUND', ({ mem }) => ({ memberId: mem, role: 'VIEWER' }))],
  changePassword: [
    attempt('INVALID_CREDENTIALS', () => ({
      currentPassword: 'not the own password',
      newPassword: 'another password 1',
    })),
  ],
  completeUpload: ofUpload,
  createApiKey: [
    attempt('PROJECT_NOT_FOUND', ({ proj }) => ({ ...spyKey, projectId: proj })),
    attempt('SERVICE_ACCOUNT_NOT_FOUND', ({ sa }) => ({ ...spyKey, serviceAccountId: sa })),
  ],
  createCheckpoint: [
    forLab(({ ckpt }) => ({
      trainingRunId: 'run_00000000000000000000000000',
      parentCheckpointId: ckpt,
      step: 1,
      tokensSeen: '1',
      recipe: { method: 'm', parameters: {} },
      modelCard: MODEL_CARD,
      files: [{ path: 'config.json', bytes: '1', sha256 }],
    })),
  ],
  createCheckpointDownload: [
    attempt('CHECKPOINT_NOT_FOUND', ({ ckpt }) => ({ model: ckpt })),
    attempt('CHECKPOINT_NOT_FOUND', ({ variantName }) => ({ model: variantName })),
  ],
  createDataset: [attempt('PROJECT_NOT_FOUND', ({ proj }) => ({ projectId: proj, name: 'spy' }))],
  createDeployment: [
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => ({ projectId: own.proj, slug: 'spy', checkpoint: t.ckpt })),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => ({ projectId: own.proj, slug: 'spy', checkpoint: t.variantName })),
    attempt('PROJECT_NOT_FOUND', (t, own) => ({ projectId: t.proj, slug: 'spy', checkpoint: own.ckpt })),
  ],
  createEvaluationRun: [
    attempt('SUITE_NOT_FOUND', (t, own) => ({ suiteId: t.suite, checkpoint: own.ckpt })),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => ({ suiteId: own.suite, checkpoint: t.ckpt })),
  ],
  createEvaluationSuite: [
    attempt('PROJECT_NOT_FOUND', (t, own) => suite(own, { projectId: t.proj })),
    attempt('FILE_NOT_FOUND', (t, own) => suite(own, { rows: null, dataset: { versionId: t.file } })),
  ],
  createCreditGrant: [forLab(({ ctr }) => ({ contractId: ctr, reason: 'r', amountMinor: '1' }))],
  createCreditNote: [
    forLab((t) => ({
      invoiceId: t.finalInv,
      reason: 'r',
      lines: [{ lineId: `${t.finalInv}.1`, amountMinor: '1' }],
      disputeIds: [t.disp],
    })),
  ],
  createFineTuneJob: [
    attempt('FILE_NOT_FOUND', (t, own) => quote(own, { trainingFileId: t.file }).input),
    attempt('FILE_NOT_FOUND', (t, own) => quote(own, { validationFileId: t.file }).input),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => quote(own, { model: t.ckpt }).input),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => quote(own, { model: t.variantName }).input),
    attempt('PROJECT_NOT_FOUND', (t, own) => quote(own, { projectId: t.proj }).input),
  ],
  createListing: [
    attempt('LISTING_VARIANT_NOT_FOUND', ({ ckpt }) => offer(ckpt)),
    attempt('LISTING_AUDIENCE_INVALID', (_t, own) => ({ ...offer(own.ckpt), organizationIds: [newId('org')] })),
  ],
  createModelFamily: [forLab(() => ({ name: 'spy', displayName: 'Spy', description: '', license: 'MIT' }))],
  createPartnerOrganization: [
    forLab(() => ({
      name: 'Spies',
      slug: 'spies',
      administratorEmail: 'spy@spies.example',
      administratorName: 'Spy',
    })),
  ],
  // It names nothing; a slug is taken once.
  createProject: [attempt('own', () => ({ name: 'Own', slug: `own-${newId('req').slice(-12)}` }))],
  createServiceAccount: [
    attempt('PROJECT_NOT_FOUND', ({ proj }) => ({ name: 'spy', role: 'VIEWER', projectId: proj })),
  ],
  createTrainingRun: [
    forLab(() => ({
      familyId: 'fam_00000000000000000000000000',
      name: 'spy',
      stage: 'SFT',
      description: '',
      hyperparameters: {},
    })),
  ],
  createWebhookEndpoint: [attempt('own', () => ({ url: 'https://hooks.example/own', events: ['INVOICE_PAID'] }))],
  declineContractVersion: [
    attempt('CONTRACT_VERSION_NOT_FOUND', ({ cver }) => ({ contractVersionId: cver, reason: 'r' })),
  ],
  deleteDatasetVersion: [attempt('FILE_NOT_FOUND', ({ file }) => ({ versionId: file }))],
  deleteDeployment: ofDeployment,
  deleteVariant: [attempt('CHECKPOINT_NOT_FOUND', ({ ckpt }) => ({ checkpointId: ckpt }))],
  deployRevision: [
    attempt('DEPLOYMENT_NOT_FOUND', (t, own) => ({ deploymentId: t.dep, checkpoint: own.ckpt })),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => ({ deploymentId: own.dep, checkpoint: t.ckpt })),
  ],
  discardCheckpoint: [forLab(({ ckpt }) => ({ checkpointId: ckpt }))],
  disputeInvoiceLine: [
    attempt('INVOICE_NOT_FOUND', ({ finalInv }) => ({ invoiceId: finalInv, lineId: `${finalInv}.1`, reason: 'r' })),
  ],
  draftContract: [
    forLab(({ org }) => ({
      organizationId: org,
      name: 'spy',
      currency: 'USD',
      endsAt: '2126-01-01T00:00:00Z',
      graceDays: 0,
      summary: 's',
      terms: contractTerms,
    })),
  ],
  draftRateCard: [
    forLab(({ org }) => ({
      name: 'spy',
      forOrganizationId: org,
      lines: [{ meter: 'INPUT_TOKENS', priceNanos: '1', perUnits: '1' }],
    })),
  ],
  exportInvoice: [attempt('INVOICE_NOT_FOUND', ({ finalInv }) => ({ invoiceId: finalInv }))],
  exportJournal: [attempt('EXPORT_PARTNER_NOT_FOUND', ({ org }) => ({ ...PERIOD, organizationId: org }))],
  exportUsage: [attempt('EXPORT_PARTNER_NOT_FOUND', ({ org }) => ({ ...PERIOD, organizationId: org }))],
  grantEntitlement: [
    forLab(({ org, ckpt }) => ({ organizationId: org, checkpointId: ckpt, actions: ['BROWSE'], clause: 'c' })),
  ],
  markInvoiceUncollectible: [forLab(({ inv }) => ({ invoiceId: inv, reason: 'r' }))],
  offerContractVersion: [forLab(({ cver }) => signing(cver))],
  pauseDeployment: ofDeployment,
  pauseFineTuneJob: ofJob,
  prepareDataset: [
    attempt('FILE_NOT_FOUND', (t, own) => ({ versionId: t.file, checkpoint: own.ckpt })),
    attempt('FILE_NOT_FOUND', (t, own) => ({
      versionId: own.file,
      validationVersionId: t.file,
      checkpoint: own.ckpt,
    })),
    attempt('CHECKPOINT_NOT_FOUND', (t, own) => ({ versionId: own.file, checkpoint: t.ckpt })),
  ],
  presignUploadParts: [
    attempt('UPLOAD_NOT_FOUND', ({ upl }) => ({ uploadId: upl, parts: [{ partNumber: 1, sha256 }] })),
  ],
  publishCheckpoint: [forLab(({ ckpt }) => ({ checkpointId: ckpt }))],
  publishLicense: [forLab(() => ({ name: 'MIT', text: 'Spy.', requiresAcceptance: true }))],
  publishRateCard: [forLab(({ rate }) => ({ rateCardId: rate }))],
  publishRecipe: [
    forLab(() => ({
      familyId: 'fam_00000000000000000000000000',
      method: 'SUPERVISED',
      hyperparameters: {},
      notes: '',
    })),
  ],
  rejectListing: [forLab(({ lst }) => ({ listingId: lst, reason: 'r' }))],
  rejectInvoiceDispute: [forLab(({ disp }) => ({ disputeId: disp, reason: 'r' }))],
  removeMember: ofMember,
  removeSpendCap: [attempt('SPEND_CAP_NOT_FOUND', ({ cap }) => ({ spendCapId: cap }))],
  removeServiceAccount: [attempt('SERVICE_ACCOUNT_NOT_FOUND', ({ sa }) => ({ serviceAccountId: sa }))],
  resetMemberPassword: ofMember,
  resumeContract: [forLab(({ ctr }) => ({ contractId: ctr }))],
  enableWebhookEndpoint: ofWebhookEndpoint,
  redeliverWebhook: [attempt('WEBHOOK_DELIVERY_NOT_FOUND', ({ whd }) => ({ deliveryId: whd }))],
  removeWebhookEndpoint: ofWebhookEndpoint,
  rotateWebhookSecret: ofWebhookEndpoint,
  resumeDeployment: ofDeployment,
  resumeFineTuneJob: ofJob,
  retireCheckpoint: [forLab(({ ckpt }) => ({ checkpointId: ckpt, acknowledgedImpact: sha256, reason: 'r' }))],
  setCheckpointUseTags: [forLab(({ ckpt }) => ({ checkpointId: ckpt, exportClassification: 'EAR99' }))],
  returnContractVersion: [forLab(({ cver }) => ({ contractVersionId: cver, reason: 'r' }))],
  reviseContractVersion: [forLab(({ cver }) => ({ contractVersionId: cver, summary: 's' }))],
  revokeApiKey: [attempt('API_KEY_NOT_FOUND', ({ key }) => ({ apiKeyId: key }))],
  revokeEntitlement: [forLab(({ ent }) => ({ entitlementId: ent, reason: 'r' }))],
  rollBackDeployment: ofDeployment,
  setSpendCap: [
    attempt('SPEND_CAP_SUBJECT_NOT_FOUND', ({ proj }) => spendCap({ projectId: proj })),
    attempt('SPEND_CAP_SUBJECT_NOT_FOUND', ({ key }) => spendCap({ apiKeyId: key })),
    attempt('SPEND_CAP_INVALID', ({ org, ctr }) => spendCap({ organizationId: org, contractId: ctr, clause: 'c' })),
  ],
  submitContractVersion: [forLab(({ cver }) => ({ contractVersionId: cver }))],
  submitListing: ofListing,
  suspendContract: [forLab(({ ctr }) => ({ contractId: ctr, reason: 'r', clause: 'c' }))],
  takeDownListing: [forLab(({ lst }) => ({ listingId: lst, reason: 'r' }))],
  updateListing: ofListing,
  voidCreditGrant: [forLab(({ cgr }) => ({ creditGrantId: cgr, reason: 'r' }))],
  refundCreditNote: [forLab(({ cnote }) => ({ creditNoteId: cnote, reason: 'r' }))],
  recordBankTransfer: [
    forLab(({ finalInv }) => ({
      invoiceId: finalInv,
      reference: 'r',
      amountMinor: '1',
      receivedAt: '2026-01-01T00:00:00Z',
    })),
  ],
  applyUnappliedPayments: [forLab(({ finalInv }) => ({ invoiceId: finalInv }))],
  recordPublisherPayout: [
    forLab(({ org }) => ({
      organizationId: org,
      currency: 'USD',
      amountMinor: '1',
      reference: 'r',
      paidAt: '2026-01-01T00:00:00Z',
    })),
  ],
  voidInvoice: [forLab(({ inv }) => ({ invoiceId: inv, reason: 'r' }))],
  withdrawListing: ofListing,
  withdrawContractVersion: [forLab(({ cver }) => ({ contractVersionId: cver, reason: 'r' }))],
};

/** Every field of Subscription; the outcome is how the message of the refusal begins, which carries no code. */
export const SUBSCRIPTIONS: Record<string, Attempt[]> = {
  deploymentChanged: [attempt('There is no deployment', ({ dep }) => ({ deploymentId: dep }))],
  fineTuneJobUpdates: [attempt('No fine-tune job', ({ ftjob }) => ({ fineTuneJobId: ftjob }))],
};
