import { useSession } from '../../app';
import { now } from '../../format';
import { Status, Time, type Tone } from '../../ui';
import type { License } from './documents';

interface StandingProps {
  license: License;
  /** What still has to be accepted, by id. */
  outstanding: ReadonlySet<string>;
}

/** What a version asks of the reader's organization, and whether that was done. */
export function Standing({ license, outstanding }: StandingProps) {
  const { organization } = useSession();
  const [tone, text] =
    organization.kind === 'LAB' ? standingForLab(license) : standingForPartner(license, outstanding.has(license.id));
  return (
    <>
      <Status tone={tone}>{text}</Status>
      {license.acceptance && (
        <span className="block text-sm text-ink-faint">
          <Time at={license.acceptance.acceptedAt} style="minute" />
        </span>
      )}
    </>
  );
}

function standingForLab({ requiredFrom, requiresAcceptance }: License): [tone: Tone, text: string] {
  if (Date.parse(requiredFrom) > now()) return ['accent', 'Published ahead'];
  return requiresAcceptance ? ['ok', 'Has to be accepted'] : ['neutral', 'Only to read'];
}

function standingForPartner(
  { acceptance, requiredFrom, requiresAcceptance }: License,
  isOutstanding: boolean,
): [tone: Tone, text: string] {
  if (acceptance) return ['ok', 'Accepted'];
  if (isOutstanding) return ['bad', 'To be accepted'];
  if (!requiresAcceptance) return ['neutral', 'Only to read'];
  return Date.parse(requiredFrom) > now() ? ['warn', 'To be accepted by its day'] : ['neutral', 'Replaced'];
}
