import { paths } from '../../app';
import { NoPermission, PageHeader } from '../../ui';

export const CRUMBS = [{ label: 'Evaluations', to: paths.evaluations() }];

/** For roles that may not see evaluations. */
export function NoEvaluations({ title }: { title: string }) {
  return (
    <>
      <PageHeader title={title} />
      <NoPermission>Evaluations are for roles with the permission evaluations:read. Ask an administrator.</NoPermission>
    </>
  );
}
