import { useSession } from '../../app';
import { PageHeader } from '../../ui';

export function HomeScreen() {
  const { organization } = useSession();
  return <PageHeader title={organization.name} />;
}
