import { ChevronsUpDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { OnDemand } from '../ui/on-demand';
import { useSession } from './session';

export function Account() {
  return <OnDemand button={(press) => <AccountButton {...press} />} load={loadMenu} />;
}

const loadMenu = () => import('./account-menu').then(({ AccountMenu }) => AccountMenu);

export function AccountButton(props: ComponentProps<'button'>) {
  const { user } = useSession();
  return (
    <button
      type="button"
      aria-haspopup="menu"
      {...props}
      className="flex w-full min-w-0 items-center gap-2 rounded-md px-2 py-1.5 text-left hover:bg-sunken"
    >
      <span className="sr-only">Account:</span>
      <span className="min-w-0 grow">
        <span className="block truncate font-medium">{user.displayName}</span>
        <span className="block truncate text-xs text-ink-faint">{user.email}</span>
      </span>
      <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
    </button>
  );
}
