import { client } from './platform.js';
import type { Role } from './session.js';
import { CONTRACT, DATASET, SUITE, type World } from './world.js';

/** A text of the page, or a part of one. */
type Text = string | RegExp;
type Address = string | ((world: World) => string);

/** Who is refused the screen, or an action that it is for, and what it says. */
interface Refusal {
  who: Role;
  says: Text;
}

interface Empty {
  says: Text;
  /** Whoever has nothing there; whoever looks at the full screen, if left out. */
  who?: Role;
  /** Where nothing is. */
  path?: string;
  /** Everybody has something there: the lists of the answers are emptied on the way. */
  emptied?: true;
}

/** A row of the table: one screen, and what shows that it is there. */
export interface Screen {
  /** Of its pictures, too. */
  name: string;
  /** As in the `route.ts` of the portal. */
  route: string;
  path: Address;
  /** Null for screens that come before a session. */
  who: Role | null;
  heading: Text | ((world: World) => Text);
  /** What stands there once all data has come. */
  full: Text;
  empty?: Empty;
  forbidden?: Refusal;
  /** It asks for no data, so that it is neither loading nor in part. */
  still?: true;
  /** The query whose answer is spoilt to show it in part; the first that can be, if left out. */
  partialOf?: string;
  /** Why it never shows a part of its data. */
  neverPartial?: string;
}

const FORBIDDEN = 'Your role does not allow this';
const base = () => client('FORKPOINT_LATEST_CHECKPOINT');
const familyOfBase = () => base().split('-pretrain-')[0]!;

/** Every screen of the portal. A route without a row fails `screens.browser.ts`. */
export const SCREENS: readonly Screen[] = [
  {
    name: 'sign-in',
    route: '/sign-in',
    path: '/sign-in',
    who: null,
    heading: 'Sign in',
    full: 'An administrator of your organization adds members',
    still: true,
  },
  {
    name: 'password',
    route: '/password',
    path: '/password',
    who: 'PARTNER_ENGINEER',
    heading: 'Choose a password',
    full: 'three or four unrelated words',
    still: true,
  },
  {
    name: 'home',
    route: '/',
    path: '/',
    who: 'PARTNER_ENGINEER',
    heading: 'Ada migration',
    full: 'Newest checkpoints',
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'From a checkpoint to a variant of your own' },
    forbidden: { who: 'AUDITOR', says: 'What your role is for' },
  },
  {
    name: 'lineage',
    route: '/lineage',
    path: () => `/lineage?at=${base()}`,
    who: 'PARTNER_ENGINEER',
    heading: /lineage$/,
    full: 'Fine-tune from here',
    partialOf: 'LineagePicked',
    empty: { emptied: true, says: 'No models yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'lineage-of-family',
    route: '/lineage/$family',
    path: () => `/lineage/${familyOfBase()}?view=list`,
    who: 'PARTNER_ENGINEER',
    heading: /lineage$/,
    full: 'Show as river',
    empty: { path: '/lineage/none-such', says: 'There is no family none-such' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
    neverPartial: 'every field of a checkpoint on the list is always there',
  },
  {
    name: 'models',
    route: '/models/$',
    path: '/models',
    who: 'PARTNER_ENGINEER',
    heading: 'Your models',
    full: /^ft:/,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No models yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'model',
    route: '/models/$',
    path: () => `/models/${base()}`,
    who: 'PARTNER_ENGINEER',
    heading: base,
    full: 'A base to fine-tune for conversions',
    empty: { path: '/models/none-such', says: 'There is no such model' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'datasets',
    route: '/datasets',
    path: '/datasets',
    who: 'PARTNER_ENGINEER',
    heading: 'Datasets',
    full: DATASET,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No datasets yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'dataset',
    route: '/datasets/$id',
    path: ({ datasetId }) => `/datasets/${datasetId}`,
    who: 'PARTNER_ENGINEER',
    heading: DATASET,
    full: 'declarations.jsonl',
    empty: { path: '/datasets/ds_00000000000000000000000000', says: 'There is no such dataset' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'fine-tunes',
    route: '/fine-tunes',
    path: '/fine-tunes',
    who: 'PARTNER_ENGINEER',
    heading: 'Fine-tunes',
    full: 'world',
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No fine-tunes yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'new-fine-tune',
    route: '/fine-tunes/new',
    path: ({ fileId }) => `/fine-tunes/new?base=${base()}&file=${fileId}`,
    who: 'PARTNER_ENGINEER',
    heading: 'New fine-tune',
    full: /^\$0\.\d+ at most$/,
    empty: { who: 'OPERATOR', says: 'No project yet' },
    forbidden: { who: 'VIEWER', says: FORBIDDEN },
  },
  {
    name: 'compare-fine-tunes',
    route: '/fine-tunes/compare',
    path: ({ jobId }) => `/fine-tunes/compare?jobs=${jobId}`,
    who: 'PARTNER_ENGINEER',
    heading: 'Compare fine-tunes',
    full: 'Where they ended',
    empty: { path: '/fine-tunes/compare', says: 'Nothing to compare yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
    partialOf: 'CompareJobs',
  },
  {
    name: 'fine-tune',
    route: '/fine-tunes/$id',
    path: ({ jobId }) => `/fine-tunes/${jobId}`,
    who: 'PARTNER_ENGINEER',
    heading: 'world',
    full: 'Succeeded',
    empty: { path: '/fine-tunes/ftjob_00000000000000000000000000', says: 'There is no such fine-tune' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'evaluations',
    route: '/evaluations',
    path: '/evaluations',
    who: 'PARTNER_ENGINEER',
    heading: 'Evaluations',
    full: SUITE,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No runs yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'compare-evaluations',
    route: '/evaluations/compare',
    path: ({ runs }) => `/evaluations/compare?baseline=${runs.baseline}&candidate=${runs.candidate}`,
    who: 'PARTNER_ENGINEER',
    heading: 'Before and after',
    full: SUITE,
    empty: { path: '/evaluations/compare', says: 'Nothing to compare yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
    partialOf: 'EvaluationComparisonPage',
  },
  {
    name: 'evaluation',
    route: '/evaluations/$id',
    path: ({ runs }) => `/evaluations/${runs.candidate}`,
    who: 'PARTNER_ENGINEER',
    heading: SUITE,
    full: 'Answers',
    empty: { path: '/evaluations/evalrun_00000000000000000000000000', says: 'There is no such run' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'deployments',
    route: '/deployments',
    path: '/deployments',
    who: 'PARTNER_ENGINEER',
    heading: 'Deployments',
    full: /world-assistant$/,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No deployments in Flight software' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'deployment',
    route: '/deployments/$id',
    path: ({ deploymentId }) => `/deployments/${deploymentId}`,
    who: 'PARTNER_ENGINEER',
    heading: /world-assistant$/,
    full: 'Answers now',
    empty: { path: '/deployments/dep_00000000000000000000000000', says: 'There is no such deployment' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'playground',
    route: '/playground',
    path: () => `/playground?left=${base()}`,
    who: 'PARTNER_ENGINEER',
    heading: 'Playground',
    full: 'Calls are billed to this project',
    empty: { who: 'OPERATOR', says: 'No project yet' },
    forbidden: { who: 'VIEWER', says: FORBIDDEN },
    neverPartial: 'it asks for a key, which is there or not',
  },
  {
    name: 'keys',
    route: '/keys',
    path: '/keys',
    who: 'PARTNER_ADMIN',
    heading: 'API keys',
    full: 'World of keys',
    empty: { who: 'OPERATOR', says: 'No keys yet' },
    forbidden: { who: 'VIEWER', says: FORBIDDEN },
  },
  {
    name: 'service-accounts',
    route: '/service-accounts',
    path: '/service-accounts',
    who: 'PARTNER_ADMIN',
    heading: 'Service accounts',
    full: 'world-pipeline',
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No service accounts' },
    forbidden: { who: 'VIEWER', says: FORBIDDEN },
  },
  {
    name: 'members',
    route: '/members',
    path: '/members',
    who: 'PARTNER_ADMIN',
    heading: 'Members',
    full: "World's auditor",
    empty: { emptied: true, says: 'No members' },
    forbidden: { who: 'VIEWER', says: FORBIDDEN },
  },
  {
    name: 'usage',
    route: '/usage',
    path: '/usage',
    who: 'PARTNER_ADMIN',
    heading: 'Usage',
    full: /in 30 days$/,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'Nothing was used in this time' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'contracts',
    route: '/contracts',
    path: '/contracts',
    who: 'ADMIN',
    heading: 'Contracts',
    full: CONTRACT,
    empty: { who: 'OTHER_PARTNER_ADMIN', says: 'No contracts yet' },
    forbidden: { who: 'PARTNER_ENGINEER', says: FORBIDDEN },
    neverPartial: 'a contract is listed with all that it says, or not',
  },
  {
    name: 'contract',
    route: '/contracts/$id',
    path: ({ contractId }) => `/contracts/${contractId}`,
    who: 'ADMIN',
    heading: CONTRACT,
    full: 'Submit for approval',
    empty: { path: '/contracts/ctr_01h455vb4pex5vsknk084sn02q', says: 'There is no such contract' },
    forbidden: { who: 'PARTNER_ENGINEER', says: FORBIDDEN },
    partialOf: 'ContractVersionPart',
  },
  {
    name: 'audit',
    route: '/audit',
    path: '/audit',
    who: 'AUDITOR',
    heading: 'Audit log',
    full: /^Details of entry/,
    empty: { path: '/audit?action=none', says: 'No entries match' },
    forbidden: { who: 'PARTNER_ENGINEER', says: FORBIDDEN },
    neverPartial: 'an entry is there with all that it says, or not',
  },
  {
    name: 'lab-checkpoints',
    route: '/lab/checkpoints',
    path: '/lab/checkpoints',
    who: 'OPERATOR',
    heading: 'Checkpoints of the lab',
    full: /^forge-1-pretrain-/,
    empty: { path: '/lab/checkpoints?status=VERIFYING', says: 'None are verifying' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'lab-prices',
    route: '/lab/prices',
    path: '/lab/prices',
    who: 'OPERATOR',
    heading: 'Prices',
    full: 'List prices',
    empty: { emptied: true, says: 'Nothing has a price yet' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
    neverPartial: 'general prices name neither a customer nor a checkpoint, which alone could be missing',
  },
  {
    name: 'lab-entitlements',
    route: '/lab/entitlements',
    path: '/lab/entitlements',
    who: 'OPERATOR',
    heading: 'Entitlements',
    full: 'MSA 2026-01, section 3.1',
    empty: { emptied: true, says: 'No entitlements' },
    forbidden: { who: 'AUDITOR', says: FORBIDDEN },
  },
  {
    name: 'lab-queue',
    route: '/lab/queue',
    path: '/lab/queue',
    who: 'OPERATOR',
    heading: 'Queue and engines',
    full: 'Memory of engines',
    empty: { emptied: true, says: 'Nothing waits and nothing runs' },
    forbidden: { who: 'PARTNER_ENGINEER', says: FORBIDDEN },
    neverPartial: 'it is polled, and what was missing is there a moment later',
  },
  {
    name: 'lab-partners',
    route: '/lab/partners',
    path: '/lab/partners',
    who: 'ADMIN',
    heading: 'Partners',
    full: 'Borealis Avionics',
    empty: { emptied: true, says: 'No partners yet' },
    forbidden: { who: 'PARTNER_ENGINEER', says: FORBIDDEN },
    neverPartial: 'an organization is there with all that it says, or not',
  },
];
