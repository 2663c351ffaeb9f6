import { createHash, randomBytes } from 'node:crypto';
import { OutputService } from '#libs/catalog';
import { DatasetsService } from '#libs/datasets';
import { FineTuningService } from '#libs/fine-tuning';
import { LabFounder } from '#libs/identity';
import { systemClock } from '#libs/kernel';
import type { PreparationReport } from '#libs/messages';
import { Database, type Scope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import type { TestOrganization } from '#test/harness';
import { SUPERVISED_RECIPE } from '../../libs/catalog/src/catalog.fixture.js';
import { endPreparation } from '../../libs/datasets/src/preparation.repository.js';
import { UploadVerifier } from '../../libs/datasets/src/upload-verifier.js';
import { publishTestModel } from '../../libs/deployments/src/test-model.fixture.js';
import { SuiteBuilder } from '../../libs/evaluations/src/suite-builder.js';
import type { Answer, Credentials, TenantApi } from './tenant-api.fixture.js';
import { addAttempt, idsOf } from './tenant-rows.fixture.js';

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
  use: string;
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
  /** Every id of every row of the tenant in the database. */
  ids: ReadonlySet<string>;
}

export interface Lab extends TestOrganization {
  administrator: Credentials;
  base: { id: string; name: string; familyId: string };
}

const LAB_ADMINISTRATOR = { email: 'admin@lab.example', password: 'runs all of the lab 1' };
const LAB_OPERATOR = { email: 'operator@lab.example', password: 'publishes checkpoints 1' };
const PASSWORD = 'runs this partner 1';
const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex');
const bearer = (secret: string): Credentials => ({ authorization: `Bearer ${secret}` });

/** The lab with its administrator signed in; it has published nothing yet. */
export async function foundLab(api: TenantApi): Promise<Omit<Lab, 'base'>> {
  const founding = { name: 'Lab', slug: 'lab', administrator: LAB_ADMINISTRATOR, operator: LAB_OPERATOR };
  const organizationId = (await api.get(LabFounder).found(founding))!;
  const administrator = await api.signIn(LAB_ADMINISTRATOR.email, LAB_ADMINISTRATOR.password);
  const actor = { type: 'system', id: 'lab' } as const;
  return {
    organizationId,
    projectId: '',
    administrator,
    scope: { organizationId, kind: 'lab', actor, projectIds: 'all' },
  };
}

/** A partner with its administrator signed in and a project; it has nothing else yet. */
export async function foundPartner(api: TenantApi, lab: Credentials): Promise<Omit<Tenant, 'things' | 'ids' | 'key'>> {
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
export async function publishBase(api: TenantApi, lab: Omit<Lab, 'base'>, first: TestOrganization): Promise<Lab> {
  const store = api.get(ObjectStore);
  const { familyId, baseId, baseName } = await publishTestModel(api.database, store, { lab, partner: first });
  const as = lab.administrator;
  const recipe = { familyId, method: 'SUPERVISED', hyperparameters: { ...SUPERVISED_RECIPE, rank: 8 }, notes: 'Few.' };
  await api.mutate(as, 'publishRecipe', recipe, 'recipe { id }');
  await publishPrices(api, as, { name: 'List prices' });
  return { ...lab, base: { id: baseId, name: baseName, familyId } };
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
export async function furnish(
  api: TenantApi,
  lab: Lab,
  founded: Omit<Tenant, 'things' | 'ids' | 'key'>,
): Promise<Tenant> {
  const grant = {
    organizationId: founded.organizationId,
    familyId: lab.base.familyId,
    actions: ['BROWSE', 'FINE_TUNE', 'DEPLOY', 'DOWNLOAD_WEIGHTS'],
    clause: `Clause of ${founded.canary}`,
  };
  const { entitlement } = await api.mutate(lab.administrator, 'grantEntitlement', grant, 'entitlement { id }');
  const prices = { name: `Prices for ${founded.canary}`, forOrganizationId: founded.organizationId };
  const rate = await publishPrices(api, lab.administrator, prices);
  const { secret, ...people } = await addPeople(api, founded);
  const key = bearer(secret);
  const data = await addData(api, founded, key, lab.base.name);
  const tuned = await fineTune(api, founded, { file: data.file, lab });
  const evaluated = await evaluate(api, founded, tuned.variantName);
  const deployed = await deploy(api, founded, tuned.variantName);
  const logs = await api.ask(
    founded.administrator,
    '{ auditLog(first: 1) { nodes { id } } usageEvents { nodes { id } } }',
  );
  const things: Things = {
    org: founded.organizationId,
    proj: founded.projectId,
    user: founded.scope.actor.id,
    email: `admin@${founded.canary}.example`,
    ent: entitlement.id,
    rate,
    aud: logs.auditLog.nodes[0].id,
    use: logs.usageEvents.nodes[0].id,
    ...people,
    ...data,
    ...tuned,
    ...evaluated,
    ...deployed,
    att: await addAttempt(api.database, founded),
  };
  const ids = await idsOf(api.database, founded);
  return { ...founded, key, things, ids: new Set([...ids, rate]) };
}

type Founded = Omit<Tenant, 'things' | 'ids' | 'key'>;

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
  const ofPeople = ['KEYS_WRITE', 'MEMBERS_WRITE', 'SELF_WRITE'];
  const scopes = me.permissions.filter((permission: string) => !ofPeople.includes(permission));
  const key = { name: `key of ${canary}`, scopes, projectId };
  const { apiKey, secret } = await api.mutate(administrator, 'createApiKey', key, 'apiKey { id } secret');
  return { mem: added.member.id, sa: serviceAccount.id, key: apiKey.id, secret: secret as string };
}

async function addData(api: TenantApi, founded: Founded, key: Credentials, base: string) {
  const { administrator, projectId, canary, scope } = founded;
  const { dataset } = await api.mutate(
    administrator,
    'createDataset',
    { projectId, name: `pairs of ${canary}`, description: `By ${canary}.` },
    'dataset { id }',
  );
  const content = `{"prompt":"ask ${canary}","completion":"told"}\n`;
  const declared = { bytes: String(content.length), sha256: sha256Of(content) };
  const begin = (filename: string) =>
    api.mutate(
      administrator,
      'beginUpload',
      { datasetId: dataset.id, filename, ...declared },
      'upload { id versionId singlePut { url headers } }',
    );
  const { upload } = await begin(`${canary}.jsonl`);
  const { url, headers } = upload.singlePut;
  const put = await fetch(url, { method: 'PUT', headers, body: content });
  if (!put.ok) throw new Error(await put.text());
  await api.mutate(administrator, 'completeUpload', { uploadId: upload.id }, 'upload { id }');
  await api.get(UploadVerifier).verify(scope, upload.id);
  const open = (await begin(`open-${canary}.jsonl`)).upload;
  const ask = { filename: `parts-${canary}.jsonl`, bytes: 100, mime_type: 'text/plain', purpose: 'fine-tune' };
  const inParts = await api.send({ method: 'POST', url: '/v1/uploads', headers: key, payload: ask });
  const prepare = { versionId: upload.versionId, checkpoint: base, policy: { overLong: 'DROP', maxTokens: 64 } };
  const { preparation } = await api.mutate(administrator, 'prepareDataset', prepare, 'preparation { id }');
  return {
    ds: dataset.id,
    file: upload.versionId,
    upl: open.id,
    openaiUpl: JSON.parse(inParts.body).id,
    prep: preparation.id,
  };
}

/** A job that is over, with its variant, cost and usage; and one that waits for its file to be validated. */
async function fineTune(api: TenantApi, founded: Founded, { file, lab }: { file: string; lab: Lab }) {
  const { administrator, projectId, canary } = founded;
  const job = { projectId, model: lab.base.name, trainingFileId: file, suffix: canary.slice(0, 16) };
  const create = (change: object) =>
    api.mutate(
      administrator,
      'createFineTuneJob',
      { ...job, ...change },
      'fineTuneJob { id preparation { id tokenizerSha256 } }',
    );
  const { fineTuneJob } = await create({ metadata: { note: `for ${canary}` } });
  await conclude(api, founded, fineTuneJob.preparation);
  const { ckpt, variantName } = await train(api, founded, fineTuneJob.id, file);
  const pending = await create({ dataPolicy: { overLong: 'TRUNCATE', maxTokens: 32 } });
  return { ftjob: fineTuneJob.id, pendingJob: pending.fineTuneJob.id, ckpt, variantName };
}

/** Stores what the trainer would have written for a good file. */
async function conclude(api: TenantApi, founded: Founded, prepared: Answer): Promise<void> {
  const { scope, organizationId, canary } = founded;
  const report: PreparationReport = {
    schema_version: 1,
    type: 'preparation',
    outcome: 'ready',
    format: 'prompt_completion',
    policy: { over_long: 'reject', max_tokens: 512, validation_fraction: 0, seed: 0 },
    tokenizer_sha256: prepared.tokenizerSha256,
    rows: { read: 1, blank_lines: 0, invalid: 0, dropped: 0, truncated: 0, train: 1, validation: 0 },
    tokens: { train: 20, train_trained: 5, validation: 0, validation_trained: 0, longest_row: 20, removed: 0 },
    errors: { total: 0, by_code: {}, kept: [] },
    over_long: { total: 0, lines: [], validation_lines: [] },
    lengths: [{ up_to_tokens: 32, rows: 1 }],
  };
  const piece = { text: `ask ${canary}`, token_ids: [5], trained: false, special: false };
  const row = { line: 1, split: 'train', tokens: 20, trained_tokens: 5, truncated: false, pieces: [piece] };
  const contents = {
    'preview.json': JSON.stringify({ schema_version: 1, rows: [row] }),
    'report.json': JSON.stringify(report),
  };
  const keyPrefix = `org/${organizationId}/preparations/${prepared.id}/1/attempts/1/output/`;
  const files = [];
  for (const [path, content] of Object.entries(contents)) {
    files.push({ path, ...(await api.get(ObjectStore).put(`${keyPrefix}${path}`, content)) });
  }
  const manifest = { schema_version: 1, kind: 'preparation', job_id: 'j', attempt: 1, files } as const;
  const folder = { prefix: 'output', manifest: { ...manifest, files }, manifest_sha256: sha256Of('marker') };
  await api.get(Database).transaction(scope, async (tx) => {
    const preparation = await api.get(DatasetsService).getPreparation(tx, prepared.id);
    const output = { attempt: 1, keyPrefix, folder };
    await endPreparation(tx, preparation, { status: 'ready', at: systemClock.now(), output, report });
  });
}

/** What the worker does when training is over. */
async function train(api: TenantApi, { scope, organizationId, projectId }: Founded, jobId: string, file: string) {
  const fineTuning = api.get(FineTuningService);
  const store = api.get(ObjectStore);
  const keyPrefix = `org/${organizationId}/fine-tune-jobs/${jobId}/attempts/1/output/`;
  const files: Array<{ path: string; bytes: number; sha256: string }> = [];
  for (const path of ['adapter_config.json', 'adapter_model.safetensors']) {
    files.push({ path, ...(await store.put(`${keyPrefix}${path}`, `${path} of ${jobId}`)) });
  }
  const checkpoint = await api.get(Database).transaction(scope, async (tx) => {
    const waiting = await fineTuning.get(tx, jobId);
    const preparation = await api.get(DatasetsService).getPreparation(tx, waiting.preparationId!);
    const job = await fineTuning.proceed(tx, waiting, preparation);
    await fineTuning.started(tx, jobId);
    const [frozen] = await tx.query<{ tokenizer: string; template: string }>(
      'SELECT tokenizer_sha256 AS tokenizer, template_sha256 AS template FROM checkpoints WHERE id = $1',
      [job.parentCheckpointId],
    );
    const manifest = {
      schema_version: 1,
      kind: 'adapter',
      job_id: job.computeJobId!,
      attempt: 1,
      step: 1,
      tokenizer_sha256: frozen!.tokenizer,
      template_sha256: frozen!.template,
      files,
    } as const;
    const folder = { prefix: 'output', manifest_sha256: sha256Of(jobId), manifest: { ...manifest, files } };
    const made = await api.get(OutputService).register(tx, {
      fineTuneJobId: jobId,
      projectId,
      parentCheckpointId: job.parentCheckpointId,
      datasetVersionId: file,
      suffix: job.suffix,
      step: null,
      recipe: { ...job.recipe!, method: job.method },
      output: { attempt: 1, keyPrefix, folder },
    });
    await fineTuning.end(tx, await fineTuning.get(tx, jobId), { outcome: 'succeeded', tokens: 20, checkpoint: made });
    return made;
  });
  return { ckpt: checkpoint.id, variantName: checkpoint.name };
}

async function evaluate(api: TenantApi, { administrator, projectId, canary, scope }: Founded, checkpoint: string) {
  const suite = {
    projectId,
    name: `suite of ${canary}`,
    metric: 'EXACT_MATCH',
    rows: [{ prompt: `ask ${canary}`, expected: '1' }],
  };
  const created = await api.mutate(administrator, 'createEvaluationSuite', suite, 'suite { id }');
  await api.get(SuiteBuilder).build(scope, created.suite.id);
  const run = { suiteId: created.suite.id, checkpoint };
  const started = await api.mutate(administrator, 'createEvaluationRun', run, 'run { id }');
  return { suite: created.suite.id, evalrun: started.run.id };
}

async function deploy(api: TenantApi, { administrator, projectId, canary }: Founded, checkpoint: string) {
  const input = { projectId, slug: `bot-${canary}`, checkpoint };
  const selection = 'deployment { id name } revision { id }';
  const { deployment, revision } = await api.mutate(administrator, 'createDeployment', input, selection);
  return { dep: deployment.id, deploymentName: deployment.name, rev: revision.id };
}
