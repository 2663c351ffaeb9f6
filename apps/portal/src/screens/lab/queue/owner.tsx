import { paths } from '../../../app';
import { TextLink } from '../../../ui';
import type { Owner } from './documents';

/** Whose it is; of a partner one can go on to what it is entitled to. */
export function OwnerName({ owner, project }: { owner: Owner; project?: string }) {
  return (
    <>
      {owner?.kind === 'PARTNER' ? (
        <TextLink to={paths.lab('entitlements')} search={{ partner: owner.id } as never}>
          {owner.name}
        </TextLink>
      ) : (
        (owner?.name ?? 'unknown')
      )}
      {project && <span className="block text-sm text-ink-faint">{project}</span>}
    </>
  );
}
