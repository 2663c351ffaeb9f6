import type { Permission } from '../../app';
import type { Model } from './documents';

type Action = Model['allowedActions'][number];

interface Use {
  label: string;
  /** What it is good for. */
  help: string;
  /** What the lab grants to an organization. */
  entitlement: Action;
  /** What the organization grants to a role; none for what everybody may. */
  permission: Permission | null;
}

export const USES: readonly Use[] = [
  {
    label: 'Look at it',
    help: 'Its evaluations and its lineage.',
    entitlement: 'BROWSE',
    permission: 'CATALOG_READ',
  },
  {
    label: 'Fine-tune it',
    help: 'Start jobs from it, and evaluate it.',
    entitlement: 'FINE_TUNE',
    permission: 'JOBS_WRITE',
  },
  {
    label: 'Call and deploy it',
    help: 'It and the variants made from it.',
    entitlement: 'DEPLOY',
    permission: 'DEPLOYMENTS_WRITE',
  },
  {
    label: 'Download its weights',
    help: 'To run it on machines of your own.',
    entitlement: 'DOWNLOAD_WEIGHTS',
    permission: null,
  },
  {
    label: 'Download its optimizer state',
    help: 'To go on with its training elsewhere.',
    entitlement: 'DOWNLOAD_OPTIMIZER_STATE',
    permission: null,
  },
];
