import { words } from '../../format';
import { Status, type Tone } from '../../ui';
import type { Contract, ListedVersion } from './documents';

const CONTRACT_TONES: Record<Contract['state'], Tone> = { NEGOTIATING: 'accent', IN_FORCE: 'ok', ABANDONED: 'neutral' };
const VERSION_TONES: Record<ListedVersion['state'], Tone> = {
  DRAFT: 'neutral',
  IN_REVIEW: 'accent',
  OFFERED: 'warn',
  ACCEPTED: 'ok',
  DECLINED: 'bad',
  WITHDRAWN: 'neutral',
};

export function ContractStatus({ state }: { state: Contract['state'] }) {
  return <Status tone={CONTRACT_TONES[state]}>{words(state)}</Status>;
}

export function VersionStatus({ state }: { state: ListedVersion['state'] }) {
  return <Status tone={VERSION_TONES[state]}>{words(state)}</Status>;
}
