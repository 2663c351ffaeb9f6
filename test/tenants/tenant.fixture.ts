import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExportMaker, InvoiceExporter, InvoiceIssuingService } from '#libs/billing';
import { LabFounder } from '#libs/identity';
import { systemClock } from '#libs/kernel';
import { accruePublisherShare, accrueUsage, LedgerService } from '#libs/ledger';
import { WebhookOutbox } from '#libs/webhooks';
import { Database, type Scope, systemScope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import type { TestOrganization } from '#test/harness';
import { SUPERVISED_RECIPE } from '../../libs/catalog/src/catalog.fixture.js';
import { UploadVerifier } from '../../libs/datasets/src/upload-verifier.js';
import { publishTestModel } from '../../libs/deployments/src/test-model.fixture.js';
import { PERIOD } from './crawl.fixture.js';
import { FORM_HEADERS, fileForm, partForm } from './form.fixture.js';
import { buildSuite, conclude, measure, train } from './results.fixture.js';
import type { Answer, Credentials, TenantApi } from './tenant-api.fixture.js';
import { idsOf } from './tenant-rows.fixture.js';
import type { TrainerAttempt } from './trainer.fixture.js';

/** What calls name of an organization: an id of every kind, and the names that stand for ids. */
export interface Things {
  org: string;
  proj: string;
  user: string;
  mem: string;
  sa: string;
  key: string;
  ds: string;
  file: string;
  upl: string;
  openaiUpl: string;
  prep: string;
  ftjob: string;
  pendingJob: string;
  ckpt: string;
  variantName: string;
  suite: string;
  evalrun: string;
  dep: string;
  deploymentName: string;
  rev: string;
  ent: string;
  rate: string;
  ctr: string;
  cver: string;
  cgr: string;
  inv: string;
  finalInv: string;
  exp: string;
  cap: string;
  whe: string;
  whd: string;
  calert: string;
  cnote: string;
  disp: string;
  pout: string;
  lacc: string;
  lst: string;
  use: string;
  txn: string;
  aud: string;
  att: string;
  email: string;
}

export interface Tenant extends TestOrganization {
  /** Stands in every text that the tenant wrote, and nowhere else. */
  canary: string;
  /** By session, as an administrator. */
  administrator: Credentials;
  /** By a key of its project, with every scope. */
  key: Credentials;
  things: Things;
  /** Of its training job. */
  attempt: TrainerAttempt;
  /** Every id of every row of the tenant in the database. */
  ids: ReadonlySet<string>;
}

/** A tenant that has nothing yet. */
export type Founded = Omit<Tenant, 'things' | 'ids' | 'key' | 'attempt'>;

export interface Lab extends TestOrganization {
  administrator: Credentials;
  /** Who approves what the administrator drafts. */
  approver: Credentials;
  base: { id: string; name: string; familyId: string };
  /** The version of the licence that the base names. */
  license: { id: string; sha256: string };
}

const LAB_ADMINISTRATOR = { email: 'admin@lab.example', password: 'runs all of the lab 1' };
const LAB_OPERATOR = { email: 'operator@lab.example', password: 'publishes checkpoints 1' };
const LAB_APPROVER = {
  email: 'approver@lab.example',
  displayName: 'Approver of contracts',
  role: 'LAB_APPROVER',
  password: 'approves contracts 1',
};
/** Of every administrator of a partner. */
export const PASSWORD = 'runs this partner 1';
const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex');
const bearer = (secret: string): Credentials => ({ authorization: `Bearer ${secret}` });

/** The lab with its administrator signed in; it has published nothing yet. */
export async function foundLab(api: TenantApi): Promise<Omit<Lab, 'base' | 'license'>> {
  const founding = { name: 'Lab', slug: 'lab', administrator: LAB_ADMINISTRATOR, operator: LAB_OPERATOR };
  const organizationId = (await api.get(LabFounder).found(founding))!;
  const administrator = await api.signIn(LAB_ADMINISTRATOR.email, LAB_ADMINISTRATOR.password);
  const { password, ...approving } = LAB_APPROVER;
  await api.mutate(administrator, 'addMember', { ...approving, password, projectIds: [] }, 'member { id }');
  const approver = await api.signIn(approving.email, password);
  const actor = { type: 'system', id: 'lab' } as const;
  return {
    organizationId,
    projectId: '',
    administrator,
    approver,
    scope: { organizationId, kind: 'lab', actor, projectIds: 'all' },
  };
}

/** A partner with its administrator signed in and a project; it has nothing else yet. */
export async function foundPartner(api: TenantApi, lab: Credentials): Promise<Founded> {
  const canary = `canary${randomBytes(6).toString('hex')}`;
  const email = `admin@${canary}.example`;
  const founding = {
    name: `Works of ${canary}`,
    slug: canary,
    administratorEmail: email,
    administratorName: `Administrator of ${canary}`,
    administratorPassword: PASSWORD,
  };
  const { organization } = await api.mutate(lab, 'createPartnerOrganization', founding, 'organization { id }');
  const administrator = await api.signIn(email, PASSWORD);
  const project = { name: `Project of ${canary}`, slug: `work-${canary}` };
  const projectId: string = (await api.mutate(administrator, 'createProject', project, 'project { id }')).project.id;
  const { me } = await api.ask(administrator, '{ me { user { id } } }');
  const scope: Scope = {
    organizationId: organization.id,
    kind: 'partner',
    actor: { type: 'user', id: me.user.id },
    projectIds: 'all',
  };
  return { organizationId: organization.id, projectId, scope, canary, administrator };
}

/** One family for all tenants: what is shared is where things of others could show. */
export async function publishBase(
  api: TenantApi,
  lab: Omit<Lab, 'base' | 'license'>,
  first: TestOrganization,
): Promise<Lab> {
  const store = api.get(ObjectStore);
  const { familyId, baseId, baseName } = await publishTestModel(api.database, store, { lab, partner: first });
  const as = lab.administrator;
  const recipe = { familyId, method: 'SUPERVISED', hyperparameters: { ...SUPERVISED_RECIPE, rank: 8 }, notes: 'Few.' };
  await api.mutate(as, 'publishRecipe', recipe, 'recipe { id }');
  await publishPrices(api, as, { name: 'List prices' });
  const terms = { name: 'Apache-2.0', text: 'As it is.', requiresAcceptance: true };
  const { license } = await api.mutate(as, 'publishLicense', terms, 'license { id sha256 }');
  return { ...lab, base: { id: baseId, name: baseName, familyId }, license };
}

async function publishPrices(api: TenantApi, lab: Credentials, card: object): Promise<string> {
  const lines = ['TRAINING_TOKENS', 'EVALUATION_TOKENS', 'INPUT_TOKENS', 'OUTPUT_TOKENS'].map((meter) => {
    return { meter, priceNanos: '250', perUnits: '1' };
  });
  const { rateCard } = await api.mutate(lab, 'draftRateCard', { lines, ...card }, 'rateCard { id }');
  await api.mutate(lab, 'publishRateCard', { rateCardId: rateCard.id }, 'rateCard { id }');
  return rateCard.id;
}

/** One of everything that an organization can have. */
export async function furnish(api: TenantApi, lab: Lab, founded: Founded): Promise<Tenant> {
  const grant = {
    organizationId: founded.organizationId,
    familyId: lab.base.familyId,
    actions: ['BROWSE', 'FINE_TUNE', 'DEPLOY', 'DOWNLOAD_WEIGHTS'],
    clause: `Clause of ${founded.canary}`,
  };
  const { entitlement } = await api.mutate(lab.administrator, 'grantEntitlement', grant, 'entitlement { id }');
  const lacc = await acceptLicense(api, lab, founded);
  const prices = { name: `Prices for ${founded.canary}`, forOrganizationId: founded.organizationId };
  const rate = await publishPrices(api, lab.administrator, prices);
  const { documentSha256: _hash, ...contract } = await offerContract(api, lab, founded);
  const billed = await bill(api, lab, founded);
  const short = await agreeShortly(api, lab, founded);
  const { secret, ...people } = await addPeople(api, founded);
  const key = bearer(secret);
  const data = await addData(api, founded, key, lab.base.name);
  const { attempt, ...tuned } = await fineTune(api, founded, { file: data.file, lab });
  const evaluated = await evaluate(api, founded, tuned.variantName);
  const deployed = await deploy(api, founded, tuned.variantName);
  const lst = await draftListing(api, founded, tuned.ckpt);
  const capped = await cap(api, founded);
  const logs = await api.ask(
    founded.administrator,
    '{ auditLog(first: 1) { nodes { id } } usageEvents { nodes { id } } }',
  );
  const finalInv = await exportInvoice(api, founded, short);
  const things: Things = {
    org: founded.organizationId,
    proj: founded.projectId,
    user: founded.scope.actor.id,
    email: `admin@${founded.canary}.example`,
    ent: entitlement.id,
    lacc,
    rate,
    ...contract,
    ...billed,
    ...capped,
    ...(await listen(api, founded)),
    aud: logs.auditLog.nodes[0].id,
    use: logs.usageEvents.nodes[0].id,
    txn: await keepBooks(api, founded),
    finalInv,
    exp: await exportUsage(api, founded),
    ...(await disagree(api, lab, founded, finalInv)),
    ...people,
    ...data,
    ...tuned,
    ...evaluated,
    ...deployed,
    lst,
    pout: await payOut(api, lab, founded, { listingId: lst, invoiceId: finalInv }),
    att: attempt.id,
  };
  const ids = await idsOf(api.database, founded);
  return { ...founded, key, things, attempt, ids: new Set([...ids, rate]) };
}

async function acceptLicense(api: TenantApi, { license }: Lab, { administrator }: Founded): Promise<string> {
  const input = { licenseId: license.id, sha256: license.sha256 };
  const accepted = await api.mutate(administrator, 'acceptLicense', input, 'licenseAcceptance { id }');
  return accepted.licenseAcceptance.id;
}

/** It waits for nobody yet: nothing of it is for others. */
async function draftListing(api: TenantApi, { administrator, canary }: Founded, checkpointId: string): Promise<string> {
  const prices = ['INPUT_TOKENS', 'OUTPUT_TOKENS'].map((meter) => ({ meter, priceNanos: '1', perUnits: '1' }));
  const offer = {
    title: `Offer of ${canary}`,
    summary: `By ${canary}.`,
    terms: `Terms of ${canary}.`,
    currency: 'USD',
  };
  const input = { checkpointId, prices, ...offer };
  return (await api.mutate(administrator, 'createListing', input, 'listing { id }')).listing.id;
}

type Term = { endsAt?: string; graceDays?: number; minimumMinor?: string };

/** It waits for the partner, so that somebody else could decide it. */
async function offerContract(
  api: TenantApi,
  lab: Lab,
  { organizationId, canary }: Founded,
  { minimumMinor, ...term }: Term = {},
) {
  const drafted = await api.mutate(
    lab.administrator,
    'draftContract',
    {
      organizationId,
      name: `Agreement with ${canary}`,
      currency: 'USD',
      endsAt: '2126-01-01T00:00:00Z',
      graceDays: 3,
      purchaseOrder: `Order of ${canary}`,
      ...term,
      summary: `For ${canary}.`,
      // Of everything, since a contract's prices are the only ones that its partner has.
      terms: {
        minimumMinor,
        prices: ['INPUT_TOKENS', 'OUTPUT_TOKENS', 'TRAINING_TOKENS', 'EVALUATION_TOKENS'].map((meter) => ({
          id: `${meter} of ${canary}`,
          meter,
          flat: { priceNanos: '1', perUnits: '1' },
        })),
      },
    },
    'contract { id } contractVersion { id documentSha256 }',
  );
  const { id: contractVersionId, documentSha256 } = drafted.contractVersion;
  await api.mutate(lab.administrator, 'submitContractVersion', { contractVersionId }, 'contractVersion { id }');
  const signing = { contractVersionId, documentSha256, signatoryName: 'Lab', signatoryTitle: `For ${canary}` };
  await api.mutate(lab.approver, 'offerContractVersion', signing, 'contractVersion { id }');
  return { ctr: drafted.contract.id as string, cver: contractVersionId as string, documentSha256 };
}

/** Another contract, which the partner has accepted, with a credit and the invoice that its first month begins. */
async function bill(api: TenantApi, lab: Lab, founded: Founded) {
  const contractId = await agree(api, lab, founded);
  const grant = { contractId, reason: `Credit of ${founded.canary}`, amountMinor: '5' };
  const { creditGrant } = await api.mutate(lab.administrator, 'createCreditGrant', grant, 'creditGrant { id }');
  await api.get(InvoiceIssuingService).advance({ contractId, organizationId: founded.organizationId });
  const { invoices } = await api.ask(founded.administrator, '{ invoices { nodes { id } } }');
  return { cgr: creditGrant.id as string, inv: invoices.nodes[0].id as string };
}

async function agree(api: TenantApi, lab: Lab, founded: Founded, term?: Term): Promise<string> {
  const offered = await offerContract(api, lab, founded, term);
  const { cver: contractVersionId, documentSha256 } = offered;
  const signatory = { signatoryName: 'Partner', signatoryTitle: `Of ${founded.canary}` };
  const signing = { contractVersionId, documentSha256, ...signatory };
  await api.mutate(founded.administrator, 'acceptContractVersion', signing, 'contractVersion { id }');
  return offered.ctr;
}

/** In which a contract is drafted, offered and accepted, on a busy machine too. */
const SHORT_TERM_MILLISECONDS = 8_000;

/** A contract whose term is over by the time that the rest of a tenant is there. What is used is of the one before. */
async function agreeShortly(api: TenantApi, lab: Lab, founded: Founded) {
  const endsAt = new Date(systemClock.now().getTime() + SHORT_TERM_MILLISECONDS);
  // So large a minimum of a month that its few seconds come to something, which a line of the invoice charges.
  const term = { endsAt: endsAt.toISOString(), graceDays: 0, minimumMinor: '1000000000' };
  const contractId = await agree(api, lab, founded, term);
  return { contractId, endsAt };
}

/** Its one invoice, final, with the export that the partner asked for. */
async function exportInvoice(
  api: TenantApi,
  { organizationId, administrator }: Founded,
  { contractId, endsAt }: { contractId: string; endsAt: Date },
): Promise<string> {
  await sleep(Math.max(endsAt.getTime() - systemClock.now().getTime(), 0) + 10);
  await api.get(InvoiceIssuingService).advance({ contractId, organizationId });
  const query = 'query($id: ID!) { invoices(contractId: $id) { nodes { id } } }';
  const invoiceId: string = (await api.ask(administrator, query, { id: contractId })).invoices.nodes[0].id;
  await api.mutate(administrator, 'exportInvoice', { invoiceId }, 'invoice { id }');
  // As the worker does when it gets the message.
  const exporter = new InvoiceExporter(api.get(Database), api.get(ObjectStore), systemClock);
  await exporter.make(organizationId, invoiceId);
  return invoiceId;
}

/** A file of its usage, which it asked for. */
async function exportUsage(api: TenantApi, { organizationId, administrator }: Founded): Promise<string> {
  const exported = await api.mutate(administrator, 'exportUsage', PERIOD, 'billingExport { id }');
  const id: string = exported.billingExport.id;
  // As the worker does when it gets the message.
  const maker = new ExportMaker(api.get(Database), api.get(ObjectStore), systemClock);
  await maker.make(systemScope('worker', organizationId), id);
  return id;
}

/** The partner disputes a line of its invoice, and the lab takes a part of it back without deciding. */
async function disagree(api: TenantApi, lab: Lab, { administrator, canary }: Founded, invoiceId: string) {
  const lineId = `${invoiceId}.1`;
  const dispute = { invoiceId, lineId, reason: `Doubt of ${canary}` };
  const disputed = await api.mutate(administrator, 'disputeInvoiceLine', dispute, 'invoiceDispute { id }');
  const note = { invoiceId, reason: `Credit note for ${canary}`, lines: [{ lineId, amountMinor: '1' }] };
  const { creditNote } = await api.mutate(lab.administrator, 'createCreditNote', note, 'creditNote { id }');
  return { cnote: creditNote.id as string, disp: disputed.invoiceDispute.id as string };
}

/** What its listing earned, of which the lab paid a part. */
async function payOut(
  api: TenantApi,
  lab: Lab,
  { organizationId, canary }: Founded,
  used: { listingId: string; invoiceId: string },
): Promise<string> {
  const at = systemClock.now();
  const share = { ...used, revision: 1, currency: 'USD', from: at, to: at, accruedAt: at, shareMinor: 500n } as const;
  // As the worker does when an invoice charges the use.
  await api
    .get(Database)
    .transaction(systemScope('worker', organizationId), (tx) =>
      api.get(LedgerService).post(tx, accruePublisherShare(share)),
    );
  const payout = { organizationId, currency: 'USD', amountMinor: '200', reference: `Payout to ${canary}`, paidAt: at };
  const recorded = await api.mutate(lab.administrator, 'recordPublisherPayout', payout, 'publisherPayout { id }');
  return recorded.publisherPayout.id;
}

async function addPeople(api: TenantApi, { administrator, projectId, canary }: Founded) {
  const member = {
    email: `engineer@${canary}.example`,
    displayName: `Engineer of ${canary}`,
    role: 'PARTNER_ENGINEER',
    projectIds: [projectId],
    password: PASSWORD,
  };
  const added = await api.mutate(administrator, 'addMember', member, 'member { id }');
  const account = { name: `ci of ${canary}`, role: 'PARTNER_ENGINEER', projectId };
  const { serviceAccount } = await api.mutate(administrator, 'createServiceAccount', account, 'serviceAccount { id }');
  const { me } = await api.ask(administrator, '{ me { permissions } }');
  const ofPeople = [
    'CAPS_WRITE',
    'CONTRACTS_ACCEPT',
    'INVOICES_DISPUTE',
    'KEYS_WRITE',
    'MEMBERS_WRITE',
    'SELF_WRITE',
    'WEBHOOKS_WRITE',
    'LICENSES_ACCEPT',
    'LISTINGS_WRITE',
  ];
  const scopes = me.permissions.filter((permission: string) => !ofPeople.includes(permission));
  const key = { name: `key of ${canary}`, scopes, projectId };
  const { apiKey, secret } = await api.mutate(administrator, 'createApiKey', key, 'apiKey { id } secret');
  return { mem: added.member.id, sa: serviceAccount.id, key: apiKey.id, secret: secret as string };
}

/** A file by each of the ways in, uploads that are open, and a preparation that waits. */
async function addData(api: TenantApi, founded: Founded, key: Credentials, base: string) {
  const { administrator, projectId, canary } = founded;
  const dataset = { projectId, name: `pairs of ${canary}`, description: `By ${canary}.` };
  const { id: ds } = (await api.mutate(administrator, 'createDataset', dataset, 'dataset { id }')).dataset;
  const file = await uploadFile(api, founded, ds);
  const open = await beginUpload(api, founded, { datasetId: ds, filename: `open-${canary}.jsonl`, content: PAIR });
  const inParts = await post(api, key, '/v1/uploads', {
    filename: `parts-${canary}.jsonl`,
    bytes: 100,
    mime_type: 'text/plain',
    purpose: 'fine-tune',
  });
  await post(api, { ...key, ...FORM_HEADERS }, `/v1/uploads/${inParts.id}/parts`, partForm(`part of ${canary}`));
  await post(api, { ...key, ...FORM_HEADERS }, '/v1/files', fileForm(`form-${canary}.jsonl`, PAIR));
  const prepare = { versionId: file, checkpoint: base, policy: { overLong: 'DROP', maxTokens: 64 } };
  const { preparation } = await api.mutate(administrator, 'prepareDataset', prepare, 'preparation { id }');
  return { ds, file, upl: open.id, openaiUpl: inParts.id, prep: preparation.id };
}

const PAIR = '{"prompt":"p","completion":"c"}\n';

async function uploadFile(api: TenantApi, founded: Founded, datasetId: string): Promise<string> {
  const { administrator, canary, scope } = founded;
  const content = `{"prompt":"ask ${canary}","completion":"told"}\n`;
  const upload = await beginUpload(api, founded, { datasetId, filename: `${canary}.jsonl`, content });
  const { url, headers } = upload.singlePut;
  const put = await fetch(url, { method: 'PUT', headers, body: content });
  if (!put.ok) throw new Error(await put.text());
  await api.mutate(administrator, 'completeUpload', { uploadId: upload.id }, 'upload { id }');
  await api.get(UploadVerifier).verify(scope, upload.id);
  return upload.versionId;
}

async function beginUpload(
  api: TenantApi,
  { administrator }: Founded,
  { content, ...file }: { datasetId: string; filename: string; content: string },
): Promise<Answer> {
  const declared = { bytes: String(content.length), sha256: sha256Of(content) };
  const selection = 'upload { id versionId singlePut { url headers } }';
  return (await api.mutate(administrator, 'beginUpload', { ...file, ...declared }, selection)).upload;
}

async function post(api: TenantApi, headers: Credentials, url: string, payload: object | string): Promise<Answer> {
  const { status, body } = await api.send({ method: 'POST', url, headers, payload });
  if (status !== 200) throw new Error(`${url}: ${body}`);
  return JSON.parse(body);
}

/** A job that is over, with its variant, cost and usage; and one that waits for its file to be validated. */
async function fineTune(api: TenantApi, founded: Founded, { file, lab }: { file: string; lab: Lab }) {
  const { administrator, projectId, canary } = founded;
  const job = { projectId, model: lab.base.name, trainingFileId: file, suffix: canary.slice(0, 16) };
  const create = (change: object) =>
    api.mutate(administrator, 'createFineTuneJob', { ...job, ...change }, 'fineTuneJob { id preparation { id } }');
  const { fineTuneJob } = await create({ metadata: { note: `for ${canary}` } });
  await conclude(api, founded, fineTuneJob.preparation.id);
  const trained = await train(api, founded, fineTuneJob.id);
  const pending = await create({ dataPolicy: { overLong: 'TRUNCATE', maxTokens: 32 } });
  return { ftjob: fineTuneJob.id, pendingJob: pending.fineTuneJob.id, ...trained };
}

async function evaluate(api: TenantApi, founded: Founded, checkpoint: string) {
  const { administrator, projectId, canary } = founded;
  const suite = {
    projectId,
    name: `suite of ${canary}`,
    metric: 'EXACT_MATCH',
    rows: [{ prompt: `ask ${canary}`, expected: '1' }],
  };
  const created = await api.mutate(administrator, 'createEvaluationSuite', suite, 'suite { id }');
  await buildSuite(api, founded, created.suite.id);
  const run = { suiteId: created.suite.id, checkpoint };
  const started = await api.mutate(administrator, 'createEvaluationRun', run, 'run { id }');
  await measure(api, founded, started.run.id);
  return { suite: created.suite.id, evalrun: started.run.id };
}

async function deploy(api: TenantApi, { administrator, projectId, canary }: Founded, checkpoint: string) {
  const input = { projectId, slug: `bot-${canary}`, checkpoint };
  const selection = 'deployment { id name } revision { id }';
  const { deployment, revision } = await api.mutate(administrator, 'createDeployment', input, selection);
  return { dep: deployment.id, deploymentName: deployment.name, rev: revision.id };
}

/** An endpoint that is told of something. */
async function listen(api: TenantApi, { administrator, canary, scope }: Founded) {
  const input = { url: `https://hooks.example/${canary}`, description: `Of ${canary}`, events: ['INVOICE_PAID'] };
  const made = await api.mutate(administrator, 'createWebhookEndpoint', input, 'webhookEndpoint { id }');
  const event = { key: canary, type: 'invoice.paid', data: { about: canary } } as const;
  const system = { ...scope, actor: { type: 'system', id: 'webhooks' } } as const;
  await api.get(Database).transaction(system, (tx) => api.get(WebhookOutbox).post(tx, event));
  const { webhookDeliveries } = await api.ask(administrator, '{ webhookDeliveries(first: 1) { nodes { id } } }');
  return { whe: made.webhookEndpoint.id as string, whd: webhookDeliveries.nodes[0].id as string };
}

/** A soft cap on what was spent already, so that it alerts at once. */
async function cap(api: TenantApi, { administrator, projectId }: Founded) {
  const input = { projectId, limitNanos: '1', currency: 'USD', period: 'TOTAL', isHard: false };
  const { spendCap } = await api.mutate(administrator, 'setSpendCap', input, 'spendCap { id }');
  const { spendCapAlerts } = await api.ask(administrator, '{ spendCapAlerts(first: 1) { nodes { id } } }');
  return { cap: spendCap.id as string, calert: spendCapAlerts.nodes[0].id as string };
}

/** A transaction of the ledger, as the system posts it. */
async function keepBooks(api: TenantApi, { canary, scope }: Founded): Promise<string> {
  const now = systemClock.now();
  const window = {
    id: `window of ${canary}`,
    contractPeriod: `period of ${canary}`,
    from: new Date(now.getTime() - 1_000),
    to: now,
  };
  const amounts = [{ kind: 'training', amountMinor: 5n }] as const;
  const system = { ...scope, actor: { type: 'system', id: 'billing' } } as const;
  const posting = accrueUsage({ window, currency: 'USD', amounts });
  return (await api.get(Database).transaction(system, (tx) => api.get(LedgerService).post(tx, posting))).id;
}
