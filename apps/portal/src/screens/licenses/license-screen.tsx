import { BadgeCheck } from 'lucide-react';
import { useState } from 'react';
import { useAction, useRequest } from '../../api';
import { paths, useSession, useWhyNot } from '../../app';
import {
  Button,
  Card,
  Confirm,
  EmptyState,
  Facts,
  LinkButton,
  Loaded,
  NoPermission,
  PageHeader,
  Section,
  Time,
  toast,
} from '../../ui';
import { Acceptances } from './acceptances';
import { AcceptLicense, type LicenseDocument, LicensePage } from './documents';
import { licenseRoute } from './route';

const CRUMBS = [{ label: 'Licences', to: paths.licenses() }];

/** One version of a licence: what it says, and that it was accepted. */
export function LicenseScreen() {
  const { id } = licenseRoute.useParams();
  const { may } = useSession();
  if (!may('CATALOG_READ')) {
    return (
      <>
        <PageHeader title="Licence" crumbs={CRUMBS} />
        <NoPermission>The documents are for roles with the permission catalog:read.</NoPermission>
      </>
    );
  }
  return <KnownLicense key={id} id={id} />;
}

function KnownLicense({ id }: { id: string }) {
  const request = useRequest(LicensePage, { id }, { alsoChangesWith: ['LicenseAcceptance'] });
  const node = request.status === 'ready' ? request.data.node : null;
  const license = node && 'text' in node ? node : null;
  return (
    <>
      <PageHeader
        title={license ? `${license.name}, version ${license.version}` : 'Licence'}
        crumbs={CRUMBS}
        actions={license && <Accept license={license} />}
      />
      <Loaded request={request}>{() => (license ? <Document license={license} /> : <Gone />)}</Loaded>
    </>
  );
}

function Gone() {
  return (
    <EmptyState title="There is no such licence" actions={<LinkButton to={paths.licenses()}>All licences</LinkButton>}>
      Those of checkpoints that you see are listed.
    </EmptyState>
  );
}

function Document({ license }: { license: LicenseDocument }) {
  const { may } = useSession();
  const { requiredFrom, requiresAcceptance, allowsOffering, acceptance, createdAt, sha256, text } = license;
  return (
    <div className="flex flex-col gap-8">
      <Facts
        columns
        facts={[
          { label: 'Holds from', value: <Time at={requiredFrom} style="minute" /> },
          { label: 'Published', value: <Time at={createdAt} style="minute" /> },
          { label: 'Acceptance', value: requiresAcceptance ? 'Required before use' : 'Not required' },
          { label: 'Offering variants to others', value: allowsOffering ? 'Allowed' : 'Not allowed' },
          ...(acceptance ? [{ label: 'Accepted', value: <Time at={acceptance.acceptedAt} style="minute" /> }] : []),
        ]}
      />
      <Card title="What it says">
        <p className="max-w-prose break-words whitespace-pre-wrap">{text}</p>
        <p className="border-t border-line pt-3 text-sm break-all text-ink-faint">
          SHA-256 of the text: <span className="font-mono">{sha256}</span>
        </p>
      </Card>
      {may('CONTRACTS_READ') && (
        <Section title="Accepted">
          <Acceptances licenseId={license.id} />
        </Section>
      )}
    </div>
  );
}

/** By a person of the partner, for all of it. */
function Accept({ license }: { license: LicenseDocument }) {
  const { organization } = useSession();
  const whyNot = useWhyNot()('LICENSES_ACCEPT');
  const [isAsking, setAsking] = useState(false);
  const { run } = useAction(AcceptLicense, (data) => data.acceptLicense);
  const { id, name, version, sha256, acceptance } = license;
  if (organization.kind === 'LAB' || acceptance) return null;
  const accept = async () => {
    const result = await run({ licenseId: id, sha256 });
    if (!result.ok) return result.failures;
    toast(`${name}, version ${version}, is accepted`);
    return [];
  };
  return (
    <>
      <Button kind="primary" icon={BadgeCheck} whyNot={whyNot} onClick={() => setAsking(true)}>
        Accept
      </Button>
      <Confirm
        open={isAsking}
        onOpenChange={setAsking}
        title={`Accept ${name}, version ${version}?`}
        confirm="Accept"
        kind="primary"
        onConfirm={accept}
      >
        <p>You accept it for {organization.name}, by your name and for good. The lab can see that.</p>
        <p className="text-sm break-all">
          You accept the text with the SHA-256 <span className="font-mono">{sha256}</span>.
        </p>
      </Confirm>
    </>
  );
}
